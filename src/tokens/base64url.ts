/**
 * The bytes of a base64url text without padding (RFC 4648, section 5).
 *
 * @returns `undefined` for a text that isn't written in the one canonical way, so that bytes have exactly one spelling.
 */
export function base64urlBytes(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, 'base64url')
  return bytes.toString('base64url') === text ? bytes : undefined
}
