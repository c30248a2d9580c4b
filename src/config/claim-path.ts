/** Whether text can lead to a claim: any name can, but a JSON pointer has rules (RFC 6901, section 3). */
export function isClaimPath(text: string): boolean {
  return text !== '' && (!text.startsWith('/') || !/~(?![01])/.test(text))
}
