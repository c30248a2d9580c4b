import type { JWTPayload } from 'jose'
import { unmetConditions } from '../authorization/decide.js'
import type { Principal } from '../authorization/principal.js'
import { roleCondition } from '../authorization/role-condition.js'
import type { NonEmpty } from '../authorization/security-decorators.js'
import { type TokenClaims, toTokenClaims } from '../tokens/token-claims.js'
import { requireConditions, requirePrincipal } from './require-conditions.js'
import { currentScope, runInScope } from './security-scope.js'

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
    const condition = roleCondition(anyOf)
    const principal = SecurityContext.principal()
    return principal !== undefined && unmetConditions([condition], principal).length === 0
  }

  /**
   * Goes on only for holders of any one of the roles. Requires nothing while `enabled` is false.
   *
   * @throws {MissingTokenError} when nobody is signed in.
   * @throws {InsufficientPermissionsError} when the caller holds none of the roles.
   * @throws {TypeError} without roles, or with an empty one.
   */
  static requireRole(...anyOf: NonEmpty<string>): void {
    requireConditions([roleCondition(anyOf)])
  }

  /**
   * Runs work on behalf of somebody (or, with `undefined`, of nobody), for jobs, queues, sockets and tests.
   * No agent is at work there; see `AgentContext.run`.
   *
   * @returns what the work returns
   * @throws {TypeError} for a principal whose roles are no list.
   */
  static run<Result>(principal: Principal | undefined, work: () => Result): Result {
    if (principal !== undefined && !Array.isArray(principal.roles)) throw new TypeError('roles have to be a list')
    const { enforced = true, route } = currentScope() ?? {}
    return runInScope({ principal, enforced, route }, work)
  }

  /** Carries today's caller, and the agent at work, into a callback that somebody else calls later, even after the request is over. */
  static bind<Callback extends (...args: never[]) => unknown>(callback: Callback): Callback {
    const { principal, agent, enforced = true, route } = currentScope() ?? {}
    const bound = function (this: unknown, ...args: never[]): unknown {
      return runInScope({ principal, agent, enforced, route }, () => callback.apply(this, args))
    }
    return bound as Callback
  }
}
