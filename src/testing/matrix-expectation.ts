import type { Principal } from '../authorization/principal.js'
import type { Requirement } from '../authorization/requirement.js'
import { heldBy, reaches, type Verdict, verdictOnAll } from './condition-verdict.js'
import type { MatrixCaller } from './matrix-callers.js'

/** What a request comes to: it gets through to the handler, or is refused. */
export type MatrixOutcome = 'allowed' | 401 | 403

const OUTCOMES = {
  met: ['allowed'],
  unmet: [403],
  open: ['allowed', 403],
} as const satisfies Readonly<Record<Verdict, readonly MatrixOutcome[]>>

/**
 * What a route's rule comes to for a caller, worked out without the route and without the code that its guard decides
 * by. Two outcomes where it is for policies to say which.
 *
 * @param principal who the caller's token makes of it, where the token is valid
 */
export function expectedOutcomes(
  requirement: Requirement,
  { token, agentScopes }: Pick<MatrixCaller, 'token' | 'agentScopes'>,
  principal: Principal | undefined,
): readonly MatrixOutcome[] {
  if (requirement.access === 'anonymous') return ['allowed']
  if (token === 'none') return requirement.access === 'optional' && agentScopes === undefined ? ['allowed'] : [401]
  if (token !== 'valid' || principal === undefined) return [401]
  if (requirement.access === 'optional') return ['allowed']
  const asked = requirement.agentScopes ?? []
  if (asked.length > 0 && agentScopes === undefined) return [401]
  const isCovered = (scope: string) => (agentScopes ?? []).some((granted) => reaches(granted, scope))
  if (!asked.every((anyOf) => anyOf.some(isCovered))) return [403]
  return OUTCOMES[verdictOnAll(requirement.allOf, heldBy(principal))]
}
