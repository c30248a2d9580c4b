import type { AgentShortfall } from '../authorization/agent-scope.js'
import { type AskPolicy, decide } from '../authorization/decide.js'
import type { Principal } from '../authorization/principal.js'
import type { Condition } from '../authorization/requirement.js'
import { refuse } from './refuse.js'

/**
 * Goes on only when a caller meets every condition. Policies among them are not asked: they don't permit.
 *
 * @param route method and path pattern, for the audit trail
 * @param lacking what the agent at work lacks, so that one refusal names all of it
 * @throws {InsufficientPermissionsError} naming every condition that isn't met.
 * @throws {AgentScopeMissingError} when nothing but the agent stands in the way.
 */
export function assertMeets(
  principal: Principal,
  allOf: readonly Condition[],
  route: string | undefined,
  lacking?: AgentShortfall | undefined,
): void {
  const unmet = decide(allOf, principal)
  if (unmet.length > 0 || lacking !== undefined) refuse({ principal, route }, unmet, lacking)
}

/**
 * The same where policies can be asked. A promise only where one of them answers with one.
 *
 * @throws {InsufficientPermissionsError} naming every condition that isn't met.
 * @throws {AgentScopeMissingError} when nothing but the agent stands in the way.
 * @throws {DecisionUnavailableError} when only policies that gave no answer in time stand in the way.
 */
export function assertPermitted(
  principal: Principal,
  allOf: readonly Condition[],
  route: string | undefined,
  ask: AskPolicy,
  lacking?: AgentShortfall | undefined,
): undefined | Promise<void> {
  const unmet = decide(allOf, principal, ask)
  if (unmet instanceof Promise) {
    return unmet.then((them) => {
      if (them.length > 0 || lacking !== undefined) refuse({ principal, route }, them, lacking)
    })
  }
  if (unmet.length > 0 || lacking !== undefined) refuse({ principal, route }, unmet, lacking)
  return undefined
}
