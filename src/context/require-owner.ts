import { attributeCondition } from '../authorization/attribute-condition.js'
import { holdsAny } from '../authorization/decide.js'
import { InsufficientPermissionsError } from '../errors/insufficient-permissions-error.js'
import { NotFoundError } from '../errors/not-found-error.js'
import type { TokenClaims } from '../tokens/token-claims.js'
import { publishDenied } from './refuse.js'
import { requirePrincipal } from './require-conditions.js'
import { currentScope } from './security-scope.js'

/** Whose users the owner is one of, who else may, and what the others are told. */
export interface OwnerOptions {
  /** Holders of this role, or of any one of these, may as well. */
  readonly unlessRole?: string | readonly string[]
  /**
   * The issuer whose `sub` the owner is: with several issuers, the same `sub` of another one is somebody else. Given but
   * empty or `undefined`: nobody is the owner. Default: the `sub` of any issuer.
   */
  readonly issuer?: string
  /** `true`: others are told 404, as if there were nothing. Default: 403. */
  readonly hide?: boolean
}

const NOT_OWNED = Object.freeze({ ownership: true } as const)

/**
 * Goes on only for the caller whose `sub` is `ownerId`, at the `issuer` where one is given. What belongs to nobody
 * belongs to no caller.
 *
 * @throws {MissingTokenError} when nobody is signed in.
 * @throws {InsufficientPermissionsError} when it belongs to somebody else.
 * @throws {NotFoundError} instead, with `hide`.
 * @throws {TypeError} for roles that are none.
 */
export function requireOwner(ownerId: string, given?: OwnerOptions): void {
  // Its own members only: what somebody has put into `Object.prototype` lets nobody in.
  const { unlessRole, hide, ...options } = { unlessRole: undefined, hide: false, ...given }
  const roles = unlessRole === undefined ? undefined : roleCondition(unlessRole)
  const scope = currentScope()
  if (scope?.enforced === false) return
  const principal = requirePrincipal()
  if (owns(principal.claims, ownerId, options)) return
  if (roles !== undefined && holdsAny(roles, principal)) return
  publishDenied({ principal, route: scope?.route }, NOT_OWNED)
  if (hide) throw new NotFoundError()
  throw new InsufficientPermissionsError('Resource does not belong to the current user', NOT_OWNED)
}

/** An issuer that is asked for is never left out for want of a value: `{ issuer: undefined }` asks for one too. */
function owns({ sub, issuer }: TokenClaims, ownerId: string, options: Pick<OwnerOptions, 'issuer'>): boolean {
  if (ownerId === '' || sub !== ownerId) return false
  return !Object.hasOwn(options, 'issuer') || (issuer !== '' && issuer === options.issuer)
}

function roleCondition(roles: string | readonly string[]) {
  return attributeCondition('role', typeof roles === 'string' ? [roles] : roles)
}
