import type { ServiceIdentifier } from 'inversify'
import { isAuthError } from '../errors/auth-error.js'
import { RevocationUnavailableError } from '../errors/revocation-unavailable-error.js'
import type { TokenClaims } from '../tokens/token-claims.js'

/**
 * Tells whether a token that is valid otherwise has been taken back: by the list at `revocation_endpoint`,
 * where one is set, unless the application binds another.
 *
 * Asked on every request with a valid token, so it should answer from memory.
 */
export interface RevocationCheck {
  /** Throwing, or answering anything but a boolean, ends the request with 503. */
  isRevoked(claims: TokenClaims): boolean | Promise<boolean>
  /** Gets ready before the first request; see `warmUp`. */
  warmUp?(): Promise<void>
}

export const RevocationCheck: ServiceIdentifier<RevocationCheck> = Symbol.for('inversify-koa-auth.RevocationCheck')

/** The check where no `revocation_endpoint` is set. */
export const NOTHING_REVOKED: RevocationCheck = Object.freeze({ isRevoked: () => false })

const RETRY_AFTER_SECONDS = 5

/**
 * Asks a check, taking neither an error nor a muddled answer for a no.
 *
 * @throws {RevocationUnavailableError}
 */
export function isRevoked(check: RevocationCheck, claims: TokenClaims): boolean | Promise<boolean> {
  try {
    const answer: unknown = check.isRevoked(claims)
    return typeof answer === 'boolean' ? answer : settled(answer)
  } catch (error) {
    throw unavailable(error)
  }
}

async function settled(pending: unknown): Promise<boolean> {
  let answer: unknown
  try {
    answer = await pending
  } catch (error) {
    throw unavailable(error)
  }
  if (typeof answer === 'boolean') return answer
  throw unavailable(new TypeError('RevocationCheck.isRevoked has to answer with a boolean'))
}

function unavailable(cause: unknown): Error {
  return isAuthError(cause) ? cause : new RevocationUnavailableError(RETRY_AFTER_SECONDS, { cause })
}
