import { AuthError } from './auth-error.js'
import { type InvalidTokenOptions, invalidTokenChallenge } from './invalid-token-challenge.js'

/** The token was good once; the request ends with 401, and a fresh token will do. */
export class TokenExpiredError extends AuthError {
  override readonly name = 'TokenExpiredError'
  readonly status = 401
  readonly code = 'token_expired'

  constructor({ scopes, ...options }: InvalidTokenOptions = {}) {
    super('Token has expired', { ...options, headers: invalidTokenChallenge(scopes) })
  }
}
