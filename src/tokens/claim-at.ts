/**
 * The value at a claim path: the whole path as one name first (`https://example.com/roles`), then name by name
 * (`realm_access.roles`). A path that begins with `/` is a JSON pointer (RFC 6901) instead, for names with dots in
 * the middle (`/resource_access/my.app/roles`). Only members the token itself carries count.
 */
export function claimAt(claims: Readonly<Record<string, unknown>>, path: string): unknown {
  if (Object.hasOwn(claims, path)) return claims[path]
  if (path.startsWith('/')) return memberAt(claims, path.slice(1).split('/').map(unescaped))
  return path.includes('.') ? memberAt(claims, path.split('.')) : undefined
}

function memberAt(claims: unknown, names: readonly string[]): unknown {
  let value = claims
  for (const name of names) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
    value = (value as Record<string, unknown>)[name]
  }
  return value
}

/** RFC 6901, section 4: `~1` first, so that `~01` is `~1`. */
function unescaped(name: string): string {
  return name.includes('~') ? name.replaceAll('~1', '/').replaceAll('~0', '~') : name
}
