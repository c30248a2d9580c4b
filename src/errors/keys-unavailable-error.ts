import { AuthError } from './auth-error.js'

/** The issuer's keys can't be had at the moment, so no token can be judged; the request ends with 503. */
export class KeysUnavailableError extends AuthError {
  override readonly name = 'KeysUnavailableError'
  readonly status = 503
  readonly code = 'keys_unavailable'

  /** @param retryAfterSeconds when asking again may help, in whole seconds */
  constructor(
    readonly retryAfterSeconds: number,
    options?: ErrorOptions,
  ) {
    const headers = { 'Retry-After': String(Math.max(1, Math.ceil(retryAfterSeconds))) }
    super('Signing keys are temporarily unavailable', { ...options, headers })
  }
}
