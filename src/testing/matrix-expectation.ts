import { unmetAgentScopes } from '../authorization/agent-scope.js'
import { decide, type PolicyOutcome } from '../authorization/decide.js'
import type { Principal } from '../authorization/principal.js'
import type { Requirement } from '../authorization/requirement.js'
import type { MatrixCaller } from './matrix-callers.js'

/** What a request comes to: it gets through to the handler, or is refused. */
export type MatrixOutcome = 'allowed' | 401 | 403

/**
 * What a route's rule comes to for a caller, worked out without the route. Two outcomes where it is for policies to
 * say which.
 *
 * @param principal who the caller's token makes of it, where the token is valid
 */
export function expectedOutcomes(
  requirement: Requirement,
  { token, agentScopes }: MatrixCaller,
  principal: Principal | undefined,
): readonly MatrixOutcome[] {
  if (requirement.access === 'anonymous') return ['allowed']
  if (token === 'none') return requirement.access === 'optional' && agentScopes === undefined ? ['allowed'] : [401]
  if (token !== 'valid' || principal === undefined) return [401]
  if (requirement.access === 'optional') return ['allowed']
  const asked = requirement.agentScopes ?? []
  if (asked.length > 0 && agentScopes === undefined) return [401]
  if (unmetAgentScopes(asked, agentScopes ?? []).length > 0) return [403]
  const verdict = (policies: PolicyOutcome): MatrixOutcome => {
    const unmet = decide(requirement.allOf, principal, () => policies)
    return Array.isArray(unmet) && unmet.length === 0 ? 'allowed' : 403
  }
  return [...new Set([verdict('met'), verdict('unmet')])]
}
