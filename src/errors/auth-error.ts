import { isProblemError, ProblemError } from './problem-error.js'

const BRAND = Symbol.for('inversify-koa-auth.AuthError')

/** Whatever keeps a caller out, or an application from starting. */
export abstract class AuthError extends ProblemError {
  /** @internal */
  get [BRAND](): true {
    return true
  }
}

/**
 * Tells whether a thrown value is an {@link AuthError}.
 *
 * Unlike `instanceof` it also recognises the errors of a second copy of this package in the same process.
 */
export function isAuthError(value: unknown): value is AuthError {
  return isProblemError(value) && (value as Partial<AuthError>)[BRAND] === true
}
