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
 * Makes a verified token's holder a principal. A promise only where something has to be waited for.
 *
 * @throws {DecisionUnavailableError} when there is no telling which roles the holder has.
 */
export type PrincipalOf = (verified: VerifiedToken, route: string | undefined) => Principal | Promise<Principal>

/** How principals are made with the container's role resolver of the moment. */
export function principals(
  resolver: ServiceResolver<RoleResolver>,
  settings: Pick<AuthClientSettings, 'roleHierarchy' | 'scopeWildcards' | 'decisionTimeoutMs'>,
): PrincipalOf {
  const { scopeWildcards, decisionTimeoutMs } = settings
  const hierarchy = new RoleHierarchy(settings.roleHierarchy)
  const rules: PrincipalRules = Object.freeze({ hierarchy, scopeWildcards, decisionTimeoutMs })

  const later: (pending: Promise<RoleResolver>, ...rest: Parameters<PrincipalOf>) => Promise<Principal> = async (
    pending,
    verified,
    route,
  ) => {
    let found: RoleResolver
    try {
      found = await inTime(pending, decisionTimeoutMs)
    } catch (error) {
      throw roleResolverFailure(error instanceof TimedOut ? 'timed_out' : 'threw', error, route)
    }
    return principalOf(verified, found, rules, route)
  }
  return (verified, route) => {
    let found: RoleResolver | Promise<RoleResolver>
    try {
      found = resolver.resolve()
    } catch (error) {
      throw roleResolverFailure('threw', error, route)
    }
    return found instanceof Promise ? later(found, verified, route) : principalOf(verified, found, rules, route)
  }
}
