import { claimAt } from '../tokens/claim-at.js'

/** A token's claims, or some of them, by their names. */
export type Claims = Readonly<Record<string, unknown>>

/**
 * Claims with a value at a claim path, the reverse of reading one: under the whole name where there is such a claim;
 * otherwise a JSON pointer by its rules (RFC 6901), a name with a colon or slash whole (`https://…/roles`), dots nest.
 */
export function withClaim(claims: Claims, path: string, value: unknown): Claims {
  return withMember(claims, Object.hasOwn(claims, path) ? [path] : namesIn(path), value)
}

/** Claims with more names in the list at a path. Without a path, nobody looks for them. */
export function withNames(claims: Claims, path: string | undefined, names: readonly string[]): Claims {
  if (path === undefined || names.length === 0) return claims
  const there = claimAt(claims, path)
  return withClaim(claims, path, there === undefined ? names : [...new Set([there, names].flat())])
}

/** Claims with more words at a path: separated by spaces, or where something is there already, a list. */
export function withWords(claims: Claims, path: string | undefined, words: readonly string[]): Claims {
  if (path === undefined || words.length === 0) return claims
  const there = claimAt(claims, path)
  if (there === undefined) return withClaim(claims, path, words.join(' '))
  return withNames(typeof there === 'string' ? withClaim(claims, path, there.split(' ')) : claims, path, words)
}

/** A computed name makes a member of it whatever it is; assigning to `__proto__` would not. */
function withMember(members: Claims, [name = '', ...rest]: readonly string[], value: unknown): Claims {
  if (rest.length === 0) return { ...members, [name]: value }
  const inner = Object.hasOwn(members, name) ? members[name] : undefined
  const next = typeof inner === 'object' && inner !== null ? (inner as Claims) : {}
  return { ...members, [name]: withMember(next, rest, value) }
}

function namesIn(path: string): readonly string[] {
  if (path.startsWith('/')) {
    const names = path.slice(1).split('/')
    return names.map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'))
  }
  return /[:/]/.test(path) ? [path] : path.split('.')
}
