import { AuthError } from './auth-error.js'
import { scopeParameter } from './scope-parameter.js'

/** What a {@link MissingTokenError} may say besides its text. */
export interface MissingTokenOptions extends ErrorOptions {
  /** What the caller's token will have to be granted: part of the challenge (RFC 6750, section 3). */
  readonly scopes?: readonly string[]
}

/** Nobody is signed in where somebody has to be; the request ends with 401 and a challenge without an error (RFC 6750, section 3.1). */
export class MissingTokenError extends AuthError {
  override readonly name = 'MissingTokenError'
  readonly status = 401
  readonly code = 'token_missing'

  constructor({ scopes = [], ...options }: MissingTokenOptions = {}) {
    const challenge = `Bearer${scopeParameter(scopes, ' ')}`
    super('Missing or invalid Authorization header', { ...options, headers: { 'WWW-Authenticate': challenge } })
  }
}
