import type { JWTPayload } from 'jose'
import { attributeCondition } from '../authorization/attribute-condition.js'
import type { NonEmpty } from '../authorization/condition.js'
import { holdsAny } from '../authorization/decide.js'
import type { Principal } from '../authorization/principal.js'
import type { AttributeKind } from '../authorization/requirement.js'
import { type TokenClaims, toTokenClaims } from '../tokens/token-claims.js'
import { requireConditions, requirePrincipal } from './require-conditions.js'
import { type OwnerOptions, requireOwner } from './require-owner.js'
import { currentScope, lastingScope, runInScope } from './security-scope.js'

const NOTHING: readonly string[] = Object.freeze([])
const EMPTY_CLAIMS = toTokenClaims({})
const NO_CLAIMS: Readonly<JWTPayload> = Object.freeze({})

/**
 * Who is calling, from any line that runs inside the request: after awaits, timers and streams too.
 *
 * The context lives exactly as long as the request. Work that outlives it takes the caller along with
 * {@link SecurityContext.bind}. Everything returned is frozen.
 *
 * @example
 * ```ts
 * import { SecurityContext } from 'inversify-koa-auth'
 *
 * export function archive(id: string) {
 *   SecurityContext.requireRole('editor')
 *   return { id, archivedBy: SecurityContext.require().sub }
 * }
 * ```
 */
export abstract class SecurityContext {
  /** The caller's claims; `undefined` when nobody is signed in. */
  static get(): TokenClaims | undefined {
    return SecurityContext.principal()?.claims
  }

  /**
   * The caller's claims. While `enabled` is false they are all empty: nobody is signed in, and nobody has to be.
   *
   * @throws {MissingTokenError} when nobody is signed in.
   */
  static require(): TokenClaims {
    return currentScope()?.enforced === false ? EMPTY_CLAIMS : requirePrincipal().claims
  }

  /** All claims as the issuer wrote them; empty when nobody is signed in. */
  static rawClaims(): Readonly<JWTPayload> {
    return SecurityContext.principal()?.rawClaims ?? NO_CLAIMS
  }

  /** The caller; `undefined` when nobody is signed in. */
  static principal(): Principal | undefined {
    return currentScope()?.principal
  }

  /** Whether somebody is signed in. */
  static isAuthenticated(): boolean {
    return SecurityContext.principal() !== undefined
  }

  /** The caller's roles; empty when nobody is signed in. */
  static getRoles(): readonly string[] {
    return SecurityContext.principal()?.roles ?? NOTHING
  }

  /**
   * Whether the caller holds any one of the roles. Letter case counts.
   *
   * @throws {TypeError} without roles, or with an empty one.
   */
  static hasRole(...anyOf: NonEmpty<string>): boolean {
    return has('role', anyOf)
  }

  /**
   * Goes on only when the caller holds any one of the roles. Requires nothing while `enabled` is false.
   *
   * @throws {MissingTokenError} when nobody is signed in.
   * @throws {InsufficientPermissionsError} when the caller has none of the roles.
   * @throws {TypeError} without roles, or with an empty one.
   */
  static requireRole(...anyOf: NonEmpty<string>): void {
    requireConditions([attributeCondition('role', anyOf)])
  }

  /** The caller's groups; empty when nobody is signed in. */
  static getGroups(): readonly string[] {
    return SecurityContext.get()?.groups ?? NOTHING
  }

  /**
   * Whether the caller is a member of any one of the groups.
   *
   * @throws {TypeError} without groups, or with an empty one.
   */
  static hasGroup(...anyOf: NonEmpty<string>): boolean {
    return has('group', anyOf)
  }

  /**
   * Goes on only when the caller is a member of any one of the groups. Requires nothing while `enabled` is false.
   *
   * @throws {MissingTokenError} when nobody is signed in.
   * @throws {InsufficientPermissionsError} when the caller has none of the groups.
   * @throws {TypeError} without groups, or with an empty one.
   */
  static requireGroup(...anyOf: NonEmpty<string>): void {
    requireConditions([attributeCondition('group', anyOf)])
  }

  /** The scopes that the caller's token was granted, as they are written there; empty when nobody is signed in. */
  static getScopes(): readonly string[] {
    return SecurityContext.get()?.scopes ?? NOTHING
  }

  /**
   * Whether the caller's token was granted any one of the scopes.
   *
   * @throws {TypeError} without scopes, or with one that breaks the grammar of RFC 6749, section 3.3.
   */
  static hasScope(...anyOf: NonEmpty<string>): boolean {
    return has('scope', anyOf)
  }

  /**
   * Goes on only when the caller's token was granted any one of the scopes. Requires nothing while `enabled` is false.
   *
   * @throws {MissingTokenError} when nobody is signed in.
   * @throws {InsufficientPermissionsError} when the caller has none of the scopes.
   * @throws {TypeError} without scopes, or with one that breaks the grammar of RFC 6749, section 3.3.
   */
  static requireScope(...anyOf: NonEmpty<string>): void {
    requireConditions([attributeCondition('scope', anyOf)])
  }

  /** The caller's permissions; empty when nobody is signed in. */
  static getPermissions(): readonly string[] {
    return SecurityContext.get()?.permissions ?? NOTHING
  }

  /**
   * Whether the caller holds any one of the permissions.
   *
   * @throws {TypeError} without permissions, or with an empty one.
   */
  static hasPermission(...anyOf: NonEmpty<string>): boolean {
    return has('permission', anyOf)
  }

  /**
   * Goes on only when the caller holds any one of the permissions. Requires nothing while `enabled` is false.
   *
   * @throws {MissingTokenError} when nobody is signed in.
   * @throws {InsufficientPermissionsError} when the caller has none of the permissions.
   * @throws {TypeError} without permissions, or with an empty one.
   */
  static requirePermission(...anyOf: NonEmpty<string>): void {
    requireConditions([attributeCondition('permission', anyOf)])
  }

  /**
   * Goes on only for the caller to whom something belongs: whose `sub` is `ownerId`. For domain code, once it has
   * read what it is about to hand out or to change. Requires nothing while `enabled` is false.
   *
   * What belongs to nobody ('') belongs to no caller. With several issuers, say whose `sub` it is by `issuer`: the
   * same `sub` at another one is somebody else.
   *
   * @throws {MissingTokenError} when nobody is signed in.
   * @throws {InsufficientPermissionsError} when it belongs to somebody else, and the caller has none of `unlessRole`.
   * @throws {NotFoundError} instead of that with `hide: true`, so that nobody learns what there is.
   * @throws {TypeError} for roles that are none.
   *
   * @example
   * ```ts
   * import { SecurityContext } from 'inversify-koa-auth'
   *
   * export function cancel(order: { id: string; customerId: string }) {
   *   SecurityContext.requireOwner(order.customerId, { unlessRole: 'admin', hide: true })
   *   return { cancelled: order.id }
   * }
   * ```
   */
  static requireOwner(ownerId: string, options?: OwnerOptions): void {
    requireOwner(ownerId, options)
  }

  /**
   * Runs work on behalf of somebody (or, with `undefined`, of nobody), for jobs, queues, sockets and tests.
   * A token's holder is made a principal by `Principals`. No agent is at work there; see `AgentContext.run`.
   *
   * @returns what the work returns
   * @throws {TypeError} for a principal whose roles, groups, scopes or permissions are no list.
   */
  static run<Result>(principal: Principal | undefined, work: () => Result): Result {
    if (principal !== undefined) assertLists(principal)
    return runInScope({ ...lastingScope(), principal, agent: undefined }, work)
  }

  /** Carries the current caller, and the agent at work, into a callback that somebody else calls later, even after the request is over. */
  static bind<Callback extends (...args: never[]) => unknown>(callback: Callback): Callback {
    const scope = lastingScope()
    const bound = function (this: unknown, ...args: never[]): unknown {
      return runInScope(scope, () => callback.apply(this, args))
    }
    return bound as Callback
  }
}

function has(kind: AttributeKind, anyOf: readonly string[]): boolean {
  const condition = attributeCondition(kind, anyOf)
  const principal = SecurityContext.principal()
  return principal !== undefined && holdsAny(condition, principal)
}

/** A string has `includes` as well, and would be searched for parts of names. */
function assertLists({ roles, claims: { groups, scopes, permissions } }: Principal): void {
  for (const [name, value] of Object.entries({ roles, groups, scopes, permissions })) {
    if (!Array.isArray(value)) throw new TypeError(`${name} have to be a list`)
  }
}
