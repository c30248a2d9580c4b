import { DecisionUnavailableError } from '../errors/decision-unavailable-error.js'
import { publish } from '../events/auth-event.js'
import type { DecisionFailedEvent } from '../events/auth-event-types.js'

/**
 * Reports that nobody can tell which roles a caller holds.
 *
 * @param resolver absent where there isn't even one
 * @returns the error to end the request with
 */
export function roleResolverFailure(
  reason: DecisionFailedEvent['reason'],
  error: unknown,
  route: string | undefined,
  resolver?: unknown,
): DecisionUnavailableError {
  publish('decision:failed', () => ({ source: 'role-resolver', name: className(resolver), reason, route, error }))
  return new DecisionUnavailableError({ cause: error })
}

function className(resolver: unknown): string {
  const { constructor: type } = Object(resolver ?? {}) as { readonly constructor?: unknown }
  return typeof type === 'function' && type !== Object ? type.name : 'RoleResolver'
}
