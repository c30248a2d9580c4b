import { AuthError } from './auth-error.js'

const RETRY_AFTER_SECONDS = 5

/**
 * Whether the caller may do this can't be told at the moment, because something of the application's own that has a
 * say in it failed: its `RoleResolver`, or a policy that took too long. The request ends with 503. What failed is in
 * `cause`.
 */
export class DecisionUnavailableError extends AuthError {
  override readonly name = 'DecisionUnavailableError'
  readonly status = 503
  readonly code = 'decision_unavailable'
  /** When asking again may help, in seconds. */
  readonly retryAfterSeconds = RETRY_AFTER_SECONDS

  constructor(options?: ErrorOptions) {
    super('Authorization is temporarily unavailable', {
      ...options,
      headers: { 'Retry-After': String(RETRY_AFTER_SECONDS) },
    })
  }
}
