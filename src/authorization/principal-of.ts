import { derive, type VerifiedToken } from '../tokens/verified-token.js'
import type { Principal } from './principal.js'
import type { RoleResolver } from './role-resolver.js'

/**
 * Makes a verified token's holder a principal, with the roles the resolver gives. Only strings count as roles.
 *
 * A promise only where the resolver answers with one.
 */
export function principalOf(verified: VerifiedToken, resolver: RoleResolver): Principal | Promise<Principal> {
  const roles: unknown = resolver.resolve(verified.claims, verified.rawClaims)
  return Array.isArray(roles) ? principal(verified, roles) : settled(verified, roles)
}

async function settled(verified: VerifiedToken, pending: unknown): Promise<Principal> {
  const roles = await pending
  if (!Array.isArray(roles)) throw new TypeError('RoleResolver.resolve has to return an array of role names')
  return principal(verified, roles)
}

/** The same roles as last time make the same principal. */
function principal(verified: VerifiedToken, resolved: readonly unknown[]): Principal {
  return derive<Principal>(verified, (last) => {
    if (last !== undefined && areSame(last.roles, resolved)) return last
    const { claims, rawClaims } = verified
    const roles = Object.freeze(resolved.filter((role) => typeof role === 'string'))
    return new TokenPrincipal(claims, rawClaims, roles)
  })
}

/** Loops, here and in `decide`: on every request, a closure for each costs more than what it does. */
function areSame(known: readonly string[], resolved: readonly unknown[]): boolean {
  if (known.length !== resolved.length) return false
  for (let i = 0; i < known.length; i++) if (known[i] !== resolved[i]) return false
  return true
}

/** A class for V8's sake; see `KnownToken`. */
class TokenPrincipal implements Principal {
  constructor(
    readonly claims: Principal['claims'],
    readonly rawClaims: Principal['rawClaims'],
    readonly roles: Principal['roles'],
  ) {
    Object.freeze(this)
  }
}
