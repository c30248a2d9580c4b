import { TokenExpiredError } from './token-expired-error.js'
import { TokenInvalidError } from './token-invalid-error.js'
import { TokenRevokedError } from './token-revoked-error.js'

/**
 * What a token's refusal is where scopes are asked for: the same, with a challenge that names them.
 *
 * It is a new error, because requests that bring the same token at the same time share the one they are refused by.
 * Whatever else ends a request stays as it is.
 */
export function tokenRefusal(error: unknown, scopes: readonly string[]): unknown {
  if (scopes.length === 0 || !(error instanceof Error)) return error
  const options = 'cause' in error ? { scopes, cause: error.cause } : { scopes }
  if (error instanceof TokenExpiredError) return new TokenExpiredError(options)
  if (error instanceof TokenRevokedError) return new TokenRevokedError(options)
  return error instanceof TokenInvalidError ? new TokenInvalidError(error.code, options) : error
}
