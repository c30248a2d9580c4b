/** The same token with another role written into it. Its signature no longer matches. */
export function withRole(token: string, role: string): string {
  const [header, payload, signature] = token.split('.') as [string, string, string]
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
  const changed = Buffer.from(JSON.stringify({ ...claims, role })).toString('base64url')
  return [header, changed, signature].join('.')
}
