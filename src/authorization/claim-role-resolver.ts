import type { JWTPayload } from 'jose'
import { claimAt } from '../tokens/claim-at.js'
import type { TokenClaims } from '../tokens/token-claims.js'
import type { RoleResolver } from './role-resolver.js'

/** Reads roles from the token: each claim path may hold one role or a list of them. */
export class ClaimRoleResolver implements RoleResolver {
  readonly #paths: readonly string[]

  constructor(paths: readonly string[]) {
    this.#paths = paths
  }

  resolve(_claims: TokenClaims, rawClaims: Readonly<JWTPayload>): readonly string[] {
    const roles: string[] = []
    for (const path of this.#paths) addRoles(roles, claimAt(rawClaims, path))
    return roles.length > 1 ? [...new Set(roles)] : roles
  }
}

/** A role is a non-empty string; a claim of any other type grants nothing. */
function addRoles(roles: string[], value: unknown): void {
  if (typeof value === 'string' && value !== '') roles.push(value)
  else if (Array.isArray(value)) for (const item of value) if (typeof item === 'string' && item !== '') roles.push(item)
}
