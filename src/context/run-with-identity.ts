import { checkEnvelopeTimes } from './check-envelope-times.js'
import { identityEnvelope } from './identity-envelope.js'
import { identityPrincipal } from './identity-principal.js'
import { SecurityContext } from './security-context.js'

/** What an envelope has to meet besides its own expiry. */
export interface RunWithIdentityOptions {
  /** Longest time since the envelope was made, in seconds. */
  readonly maxAgeSeconds: number
}

/**
 * Runs work as the caller in an envelope of `captureIdentity`, as `SecurityContext.run` does: `SecurityContext` answers
 * as it did in the request. No agent is at work there.
 *
 * The envelope is taken at its word. Whether the caller's token has been revoked since, or the roles have been taken
 * away, is not asked. It may be used any number of times until it expires.
 *
 * @param envelope what came out of the queue, as an object; it is checked here
 * @returns what the work returns
 * @throws {IdentityEnvelopeError} and doesn't begin the work, unless the envelope is sound, unexpired and young enough.
 * @throws {TypeError} without a positive `maxAgeSeconds`.
 *
 * @example
 * ```ts
 * import { runWithIdentity, SecurityContext } from 'inversify-koa-auth'
 *
 * export function work(message: string) {
 *   const { identity } = JSON.parse(message)
 *   return runWithIdentity(identity, () => SecurityContext.require().sub, { maxAgeSeconds: 900 })
 * }
 * ```
 */
export function runWithIdentity<Result>(
  envelope: unknown,
  work: () => Result,
  options: RunWithIdentityOptions,
): Result {
  const { maxAgeSeconds } = { ...options }
  if (!Number.isFinite(maxAgeSeconds) || maxAgeSeconds <= 0) {
    throw new TypeError('maxAgeSeconds has to be a positive number')
  }
  const identity = identityEnvelope(envelope)
  checkEnvelopeTimes(identity, maxAgeSeconds, Date.now() / 1000)
  return SecurityContext.run(identityPrincipal(identity), work)
}
