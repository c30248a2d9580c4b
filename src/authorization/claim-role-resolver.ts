import type { JWTPayload } from 'jose'
import { claimAt } from '../tokens/claim-at.js'
import type { TokenClaims } from '../tokens/token-claims.js'
import { isRoleName } from './is-role-name.js'
import type { RoleResolver } from './role-resolver.js'

const NOTHING: readonly string[] = Object.freeze([])

/** Reads roles from the token: each claim path may hold one role or a list of them. */
export class ClaimRoleResolver implements RoleResolver {
  readonly #paths: readonly string[]

  constructor(paths: readonly string[]) {
    this.#paths = paths
  }

  /**
   * Makes no list longer where it can help it: the first `push` gives an empty array room for 17. By index, because
   * the paths are frozen; see `holdsAny`.
   */
  resolve(_claims: TokenClaims, rawClaims: Readonly<JWTPayload>): readonly string[] {
    let roles = NOTHING
    for (let i = 0; i < this.#paths.length; i++) {
      const found = rolesIn(claimAt(rawClaims, this.#paths[i] as string))
      if (roles.length === 0) roles = found
      else if (found.length > 0) roles = [...roles, ...found]
    }
    return roles.length > 1 ? [...new Set(roles)] : roles
  }
}

const OWN = ClaimRoleResolver.prototype.resolve

/** Whether a resolver's `resolve` answers the same for the same token, however often it is asked. */
export function readsTokensOnly(resolve: RoleResolver['resolve']): boolean {
  return resolve === OWN
}

/** One role or a list of them; a claim of any other type grants nothing. */
function rolesIn(value: unknown): readonly string[] {
  if (isRoleName(value)) return [value]
  return Array.isArray(value) ? value.filter(isRoleName) : NOTHING
}
