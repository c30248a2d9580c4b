import { AuthError } from './auth-error.js'
import { type InvalidTokenOptions, invalidTokenChallenge } from './invalid-token-challenge.js'

/** The token was taken back before its time; the request ends with 401. */
export class TokenRevokedError extends AuthError {
  override readonly name = 'TokenRevokedError'
  readonly status = 401
  readonly code = 'token_revoked'

  constructor({ scopes, ...options }: InvalidTokenOptions = {}) {
    super('Invalid token: it has been revoked', { ...options, headers: invalidTokenChallenge(scopes) })
  }
}
