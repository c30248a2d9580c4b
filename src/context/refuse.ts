import type { AgentShortfall } from '../authorization/agent-scope.js'
import type { Shortfall } from '../authorization/decide.js'
import type { Principal } from '../authorization/principal.js'
import { jointRefusal, refusal } from '../authorization/refusal.js'
import { AgentScopeMissingError } from '../errors/agent-scope-missing-error.js'
import { DecisionUnavailableError } from '../errors/decision-unavailable-error.js'
import type { InsufficientPermissionsError, MissingPermissions } from '../errors/insufficient-permissions-error.js'
import { publish } from '../events/auth-event.js'

const NOTHING: readonly string[] = Object.freeze([])

/** Who wants to do something, and where. */
interface Attempt {
  /** Absent where nobody is signed in. */
  readonly principal: Principal | undefined
  /** Method and path pattern, for the audit trail. */
  readonly route?: string | undefined
}

/**
 * Ends what somebody may not do, naming everything that the caller and the agent at work lack.
 *
 * @param unmet what the caller lacks; empty where only the agent does
 * @throws {InsufficientPermissionsError} for the caller, and for both.
 * @throws {AgentScopeMissingError} for the agent alone.
 * @throws {DecisionUnavailableError} when only policies that gave no answer in time stand in the way.
 */
export function refuse(
  { principal, route }: Attempt,
  unmet: readonly Shortfall[],
  lacking?: AgentShortfall | undefined,
): never {
  if (lacking === undefined && unmet.every(({ outcome }) => outcome === 'unavailable')) {
    throw new DecisionUnavailableError()
  }
  const error = errorFor(unmet, lacking)
  publishDenied({ principal, route }, error.missing, lacking)
  throw error
}

/** Notes in the audit trail who was not allowed to do what. */
export function publishDenied(
  { principal, route }: Attempt,
  missing: MissingPermissions,
  lacking?: AgentShortfall | undefined,
): void {
  publish('denied', () => ({
    subject: principal?.claims.sub ?? '',
    ...(lacking && { agent: lacking.agent.sub }),
    roles: principal?.roles ?? NOTHING,
    missing,
    route,
  }))
}

function errorFor(
  unmet: readonly Shortfall[],
  lacking: AgentShortfall | undefined,
): InsufficientPermissionsError | AgentScopeMissingError {
  const conditions = unmet.map(({ condition }) => condition)
  if (lacking === undefined) return refusal(conditions)
  const ofAgent = new AgentScopeMissingError(lacking.unmet)
  return conditions.length === 0 ? ofAgent : jointRefusal(refusal(conditions), ofAgent)
}
