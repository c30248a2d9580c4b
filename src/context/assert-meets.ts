import { unmetConditions } from '../authorization/decide.js'
import type { Principal } from '../authorization/principal.js'
import { refusal } from '../authorization/refusal.js'
import type { Condition } from '../authorization/requirement.js'
import { publish } from '../events/auth-event.js'

/**
 * Goes on only when a caller meets every condition.
 *
 * @param route method and path pattern, for the audit trail
 * @throws {InsufficientPermissionsError} naming every condition that isn't met.
 */
export function assertMeets(principal: Principal, allOf: readonly Condition[], route: string | undefined): void {
  const unmet = unmetConditions(allOf, principal)
  if (unmet.length === 0) return
  const error = refusal(unmet)
  const { claims, roles } = principal
  publish('denied', () => ({ subject: claims.sub, roles, missing: error.missing, route }))
  throw error
}
