import { AuthError } from './auth-error.js'

/** Nobody is signed in where somebody has to be; the request ends with 401 and a bare challenge (RFC 6750, section 3.1). */
export class MissingTokenError extends AuthError {
  override readonly name = 'MissingTokenError'
  readonly status = 401
  readonly code = 'token_missing'

  constructor(options?: ErrorOptions) {
    super('Missing or invalid Authorization header', { ...options, headers: { 'WWW-Authenticate': 'Bearer' } })
  }
}
