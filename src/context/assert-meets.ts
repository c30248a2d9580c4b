import { type AskPolicy, decide, type Shortfall } from '../authorization/decide.js'
import type { Principal } from '../authorization/principal.js'
import { refusal } from '../authorization/refusal.js'
import type { Condition } from '../authorization/requirement.js'
import { DecisionUnavailableError } from '../errors/decision-unavailable-error.js'
import type { MissingPermissions } from '../errors/insufficient-permissions-error.js'
import { publish } from '../events/auth-event.js'

/**
 * Goes on only when a caller meets every condition. Policies among them are not asked: they don't permit.
 *
 * @param route method and path pattern, for the audit trail
 * @throws {InsufficientPermissionsError} naming every condition that isn't met.
 */
export function assertMeets(principal: Principal, allOf: readonly Condition[], route: string | undefined): void {
  const unmet = decide(allOf, principal)
  if (unmet.length > 0) refuse(principal, unmet, route)
}

/**
 * The same where policies can be asked. A promise only where one of them answers with one.
 *
 * @throws {InsufficientPermissionsError} naming every condition that isn't met.
 * @throws {DecisionUnavailableError} when only policies that gave no answer in time stand in the way.
 */
export function assertPermitted(
  principal: Principal,
  allOf: readonly Condition[],
  route: string | undefined,
  ask: AskPolicy,
): undefined | Promise<void> {
  const unmet = decide(allOf, principal, ask)
  if (unmet instanceof Promise) {
    return unmet.then((them) => {
      if (them.length > 0) refuse(principal, them, route)
    })
  }
  if (unmet.length > 0) refuse(principal, unmet, route)
  return undefined
}

/** Notes in the audit trail who was not allowed to do what. */
export function publishDenied(principal: Principal, missing: MissingPermissions, route: string | undefined): void {
  publish('denied', () => ({ subject: principal.claims.sub, roles: principal.roles, missing, route }))
}

function refuse(principal: Principal, unmet: readonly Shortfall[], route: string | undefined): never {
  if (unmet.every(({ outcome }) => outcome === 'unavailable')) throw new DecisionUnavailableError()
  const error = refusal(unmet.map(({ condition }) => condition))
  publishDenied(principal, error.missing, route)
  throw error
}
