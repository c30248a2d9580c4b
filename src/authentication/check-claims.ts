import type { JWTPayload } from 'jose'
import type { IssuerSettings } from '../config/auth-client-settings.js'
import { TokenExpiredError } from '../errors/token-expired-error.js'
import { TokenInvalidError } from '../errors/token-invalid-error.js'
import { claimAt } from '../tokens/claim-at.js'

/** The settings that claims are checked against. */
export type ClaimExpectations = Pick<
  IssuerSettings,
  | 'issuer'
  | 'audience'
  | 'audienceClaims'
  | 'requiredClaims'
  | 'refusedClaims'
  | 'clockToleranceSeconds'
  | 'maxTokenAgeSeconds'
  | 'profile'
>

/** One thing that is checked, by the name it is explained by. */
export interface ClaimCheck {
  readonly name: ClaimCheckName
  /** @throws {TokenInvalidError} or {@link TokenExpiredError} */
  readonly check: (payload: Readonly<JWTPayload>, expected: ClaimExpectations, now: number) => void
}

export type ClaimCheckName =
  | 'types'
  | 'iss'
  | 'aud'
  | 'required_claims'
  | 'refused_claims'
  | 'profile'
  | 'exp'
  | 'nbf'
  | 'iat'
  | 'expiry'
  | 'age'

/** What is checked, in this order: a token is only called expired when everything before that is right. */
export const CLAIM_CHECKS: readonly ClaimCheck[] = [
  { name: 'types', check: checkTypes },
  { name: 'iss', check: checkIssuer },
  { name: 'aud', check: checkAudience },
  { name: 'required_claims', check: checkRequired },
  { name: 'refused_claims', check: checkRefused },
  { name: 'profile', check: checkProfile },
  { name: 'exp', check: checkHasExpiry },
  { name: 'nbf', check: checkNotBefore },
  { name: 'iat', check: checkIssuedAt },
  { name: 'expiry', check: checkExpiry },
  { name: 'age', check: checkAge },
]

/**
 * Checks the registered claims (RFC 7519, section 4.1), and what the settings say about others. `exp` is required;
 * `nbf` and `iat` count where present.
 *
 * Doesn't check `sub`: a token without a subject proves an issuer's consent, not a person.
 *
 * @param now seconds since 1970
 * @throws {TokenInvalidError} with one code per cause
 * @throws {TokenExpiredError} when everything else is right
 */
export function checkClaims(payload: Readonly<JWTPayload>, expected: ClaimExpectations, now: number): void {
  for (const { check } of CLAIM_CHECKS) check(payload, expected, now)
}

function checkIssuer({ iss }: Readonly<JWTPayload>, { issuer }: ClaimExpectations): void {
  if (iss !== issuer) throw new TokenInvalidError('issuer_mismatch')
}

function checkAudience(payload: Readonly<JWTPayload>, { audienceClaims, audience }: ClaimExpectations): void {
  if (!audienceClaims.some((path) => holdsAny(claimAt(payload, path), audience))) {
    throw new TokenInvalidError('audience_mismatch')
  }
}

/** What the application asks of claims beyond their registered meaning. */
function checkRequired(payload: Readonly<JWTPayload>, { requiredClaims }: ClaimExpectations): void {
  for (const [path, accepted] of Object.entries(requiredClaims)) {
    const claim = claimAt(payload, path)
    const isThere = accepted === true ? saysSomething(claim) : holdsAny(claim, accepted)
    if (!isThere) throw new TokenInvalidError('claim_missing')
  }
}

/** Null, and text, lists and objects with nothing in them, are as good as no claim. */
function saysSomething(claim: unknown): boolean {
  if (typeof claim === 'object' && claim !== null) return Object.keys(claim).length > 0
  return claim !== undefined && claim !== null && claim !== ''
}

function checkRefused(payload: Readonly<JWTPayload>, { refusedClaims }: ClaimExpectations): void {
  for (const [path, refused] of Object.entries(refusedClaims)) {
    if (saysAny(claimAt(payload, path), refused)) throw new TokenInvalidError('claim_refused')
  }
}

/** The same, but true, false and numbers count as they are written: what is refused as text is refused as that, too. */
function saysAny(claim: unknown, values: readonly string[]): boolean {
  return holdsAny(Array.isArray(claim) ? claim.map(written) : written(claim), values)
}

function written(value: unknown): unknown {
  return typeof value === 'boolean' || typeof value === 'number' ? String(value) : value
}

/** Whether a claim is one of these values, or a list with one of them in it. Letter case counts. */
function holdsAny(claim: unknown, values: readonly string[]): boolean {
  if (typeof claim === 'string') return values.includes(claim)
  return Array.isArray(claim) && claim.some((item) => values.includes(item))
}

/** RFC 9068, section 2.2: a profiled access token says who, for which client, when, and which token it is. */
function checkProfile(payload: Readonly<JWTPayload>, { profile }: ClaimExpectations): void {
  if (profile !== 'rfc9068') return
  const { sub, iat, jti, client_id: clientId } = payload
  const complete = iat !== undefined && [sub, jti, clientId].every((claim) => typeof claim === 'string' && claim !== '')
  if (!complete) throw new TokenInvalidError('profile_mismatch')
}

/** The moment from which claims that are good now may be so no longer, in seconds since 1970. */
export function validUntil({ exp = 0, iat = 0 }: Readonly<JWTPayload>, expected: ClaimExpectations): number {
  const { clockToleranceSeconds: tolerance, maxTokenAgeSeconds: maxAge } = expected
  return (maxAge === 0 ? exp : Math.min(exp, iat + maxAge)) + tolerance
}

function checkTypes({ iss, sub, aud, jti, exp, nbf, iat }: Readonly<JWTPayload>): void {
  const texts: readonly unknown[] = [iss, sub, jti, ...audiences(aud)]
  const times: readonly unknown[] = [exp, nbf, iat]
  const sound =
    texts.every((value) => value === undefined || typeof value === 'string') &&
    times.every((value) => value === undefined || Number.isFinite(value))
  if (!sound) throw new TokenInvalidError('claim_malformed')
}

function audiences(aud: JWTPayload['aud']): readonly string[] {
  if (aud === undefined) return []
  return Array.isArray(aud) ? aud : [aud]
}

function checkHasExpiry({ exp }: Readonly<JWTPayload>): void {
  if (exp === undefined) throw new TokenInvalidError('expiry_missing')
}

// Each comparison of times is written so that a clock which is no number lets nobody in.

function checkNotBefore({ nbf }: Readonly<JWTPayload>, expected: ClaimExpectations, now: number): void {
  if (nbf !== undefined && !(nbf <= now + expected.clockToleranceSeconds)) throw new TokenInvalidError('not_yet_valid')
}

function checkIssuedAt({ iat }: Readonly<JWTPayload>, expected: ClaimExpectations, now: number): void {
  if (iat !== undefined && !(iat <= now + expected.clockToleranceSeconds)) {
    throw new TokenInvalidError('issued_in_future')
  }
}

function checkExpiry({ exp = 0 }: Readonly<JWTPayload>, expected: ClaimExpectations, now: number): void {
  if (!(exp > now - expected.clockToleranceSeconds)) throw new TokenExpiredError()
}

function checkAge({ iat }: Readonly<JWTPayload>, expected: ClaimExpectations, now: number): void {
  const { clockToleranceSeconds: tolerance, maxTokenAgeSeconds: maxAge } = expected
  if (maxAge === 0) return
  if (iat === undefined) throw new TokenInvalidError('issue_time_missing')
  if (!(now - iat <= maxAge + tolerance)) throw new TokenInvalidError('token_too_old')
}
