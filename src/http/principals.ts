import { inTime, TimedOut } from '../authorization/in-time.js'
import type { Principal } from '../authorization/principal.js'
import { type PrincipalRules, principalOf } from '../authorization/principal-of.js'
import { RoleHierarchy } from '../authorization/role-hierarchy.js'
import type { RoleResolver } from '../authorization/role-resolver.js'
import { roleResolverFailure } from '../authorization/role-resolver-failure.js'
import type { AuthClientSettings } from '../config/auth-client-settings.js'
import type { VerifiedToken } from '../tokens/verified-token.js'
import type { ServiceResolver } from './service-resolver.js'

/**
 * Makes principals of verified tokens, for sockets, queues and whatever else has tokens and no request.
 * Injectable: `container.get(Principals)`.
 *
 * They are the ones that requests know: with the roles that the `RoleResolver` of the moment gives and those that
 * come with them (`role_hierarchy`), and with scopes that may have wildcards (`scope_wildcards`).
 *
 * @example
 * ```ts
 * import type { Container } from 'inversify'
 * import { Principals, SecurityContext, TokenValidator } from 'inversify-koa-auth'
 *
 * export async function onMessage(container: Container, token: string, work: () => void) {
 *   const verified = await container.get(TokenValidator).validate(token)
 *   SecurityContext.run(await container.get(Principals).of(verified), work)
 * }
 * ```
 */
export class Principals {
  readonly #resolver: ServiceResolver<RoleResolver>
  readonly #rules: PrincipalRules

  /** @internal */
  constructor(
    resolver: ServiceResolver<RoleResolver>,
    settings: Pick<AuthClientSettings, 'roleHierarchy' | 'scopeWildcards' | 'decisionTimeoutMs'>,
  ) {
    const { roleHierarchy, scopeWildcards, decisionTimeoutMs } = settings
    this.#resolver = resolver
    this.#rules = Object.freeze({ hierarchy: new RoleHierarchy(roleHierarchy), scopeWildcards, decisionTimeoutMs })
  }

  /**
   * The holder of a verified token, with today's roles. The `RoleResolver` is asked every time.
   *
   * @throws {DecisionUnavailableError} when there is no telling which roles the holder has, as a request would end;
   * why is published as `decision:failed`.
   */
  async of(token: VerifiedToken): Promise<Principal> {
    return this.make(token, undefined)
  }

  /**
   * Like {@link Principals.of}, without a promise where nothing has to be waited for.
   *
   * @param route method and path pattern, for events
   * @internal
   */
  make(token: VerifiedToken, route: string | undefined): Principal | Promise<Principal> {
    let found: RoleResolver | Promise<RoleResolver>
    try {
      found = this.#resolver.resolve()
    } catch (error) {
      throw roleResolverFailure('threw', error, route)
    }
    return found instanceof Promise
      ? this.#makeLater(token, found, route)
      : principalOf(token, found, this.#rules, route)
  }

  async #makeLater(
    token: VerifiedToken,
    pending: Promise<RoleResolver>,
    route: string | undefined,
  ): Promise<Principal> {
    let found: RoleResolver
    try {
      found = await inTime(pending, this.#rules.decisionTimeoutMs)
    } catch (error) {
      throw roleResolverFailure(error instanceof TimedOut ? 'timed_out' : 'threw', error, route)
    }
    return principalOf(token, found, this.#rules, route)
  }
}
