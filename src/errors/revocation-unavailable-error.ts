import { AuthError } from './auth-error.js'

/** Whether tokens have been revoked can't be told at the moment; the request ends with 503. */
export class RevocationUnavailableError extends AuthError {
  override readonly name = 'RevocationUnavailableError'
  readonly status = 503
  readonly code = 'revocation_unavailable'

  /** @param retryAfterSeconds when asking again may help, in seconds */
  constructor(
    readonly retryAfterSeconds: number,
    options?: ErrorOptions,
  ) {
    const headers = { 'Retry-After': String(Math.max(1, Math.ceil(retryAfterSeconds))) }
    super('Revocation state is temporarily unavailable', { ...options, headers })
  }
}
