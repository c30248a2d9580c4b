import { AuthError } from './auth-error.js'

/** The token was taken back before its time; the request ends with 401. */
export class TokenRevokedError extends AuthError {
  override readonly name = 'TokenRevokedError'
  readonly status = 401
  readonly code = 'token_revoked'

  constructor(options?: ErrorOptions) {
    super('Invalid token: it has been revoked', {
      ...options,
      headers: { 'WWW-Authenticate': 'Bearer error="invalid_token"' },
    })
  }
}
