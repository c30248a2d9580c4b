import { IdentityEnvelopeError } from '../errors/identity-envelope-error.js'
import type { IdentityEnvelope } from './identity-envelope.js'

/** Clock drift accepted between the machine that made an envelope and this one: what `clock_tolerance_seconds` is by default. */
const TOLERANCE_SECONDS = 5

/**
 * Lets an envelope pass that is neither expired nor too old. Expiry allows for no drift: a token's own has been judged
 * before, and an envelope may as well end a little early.
 *
 * @param now seconds since 1970
 * @throws {IdentityEnvelopeError} `identity_malformed` when it comes from the future, `identity_expired` from the
 * second of `expiresAt` on, `identity_too_old` past `maxAgeSeconds`.
 */
export function checkEnvelopeTimes(
  { issuedAt, expiresAt }: Pick<IdentityEnvelope, 'issuedAt' | 'expiresAt'>,
  maxAgeSeconds: number,
  now: number,
): void {
  if (issuedAt > now + TOLERANCE_SECONDS) throw new IdentityEnvelopeError('identity_malformed')
  if (expiresAt <= now) throw new IdentityEnvelopeError('identity_expired')
  if (now - issuedAt > maxAgeSeconds) throw new IdentityEnvelopeError('identity_too_old')
}
