import type { VerifiedToken } from '../tokens/verified-token.js'
import type { Principal } from './principal.js'
import type { RoleResolver } from './role-resolver.js'

/** Makes a verified token's holder a principal, with the roles the resolver gives. Only strings count as roles. */
export async function principalOf({ claims, rawClaims }: VerifiedToken, resolver: RoleResolver): Promise<Principal> {
  const roles: unknown = await resolver.resolve(claims, rawClaims)
  if (!Array.isArray(roles)) throw new TypeError('RoleResolver.resolve has to return an array of role names')
  return Object.freeze({ claims, rawClaims, roles: Object.freeze(roles.filter((role) => typeof role === 'string')) })
}
