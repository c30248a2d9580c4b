import { randomUUID } from 'node:crypto'
import type { JWTPayload } from 'jose'
import { type Claims, withClaim } from './claim-placement.js'
import { type Duration, seconds } from './seconds.js'

/** `iss` of test tokens, unless told otherwise. Nothing is ever fetched from there (RFC 2606). */
export const DEFAULT_ISSUER = 'https://issuer.test'

/** `aud` of test tokens, unless told otherwise. */
export const DEFAULT_AUDIENCE = 'test-api'

/** Where the default RoleResolver looks for roles. */
export const DEFAULT_ROLE_CLAIM = 'role'

const LIFETIME_SECONDS = 300

/**
 * Claims over the usual ones: any JSON value is written as it is, right or wrong; `undefined` removes the claim.
 *
 * Usual are `iss`, `aud`, `sub: 'user'`, `iat` (now), `exp` (in 300 seconds) and a random `jti`.
 */
export interface TestClaims {
  /** Written to the claim that holds roles (`role`, unless `roleClaim` names another), not to `roles`. */
  readonly roles?: unknown
  readonly [claim: string]: unknown
}

/** What decides about claims besides the claims themselves. */
export interface ClaimOptions {
  /** `exp`, from now. Default: 300 seconds. Negative: the token has expired. */
  readonly expiresIn?: Duration | undefined
  /** `nbf`, from now. Default: no such claim. */
  readonly notBefore?: Duration | undefined
  /** Claim path that `roles` are written to. Default: `role`. */
  readonly roleClaim?: string | undefined
}

/** A token's payload: what its JSON reads as, so nothing is shared with the claims given. */
export function testPayload({ roles, ...claims }: TestClaims, options: ClaimOptions = {}): JWTPayload {
  const { roleClaim = DEFAULT_ROLE_CLAIM } = options
  return wholePayload({ ...(roles === undefined ? {} : withClaim({}, roleClaim, roles)), ...claims }, options)
}

/** The same, but every claim stands where it is: `roles` is a claim like any other. */
export function wholePayload(
  claims: Claims,
  { expiresIn = LIFETIME_SECONDS, notBefore }: Omit<ClaimOptions, 'roleClaim'> = {},
): JWTPayload {
  const now = Math.floor(Date.now() / 1000)
  const payload = {
    iss: DEFAULT_ISSUER,
    sub: 'user',
    aud: DEFAULT_AUDIENCE,
    iat: now,
    exp: now + seconds(expiresIn),
    jti: randomUUID(),
    ...(notBefore === undefined ? {} : { nbf: now + seconds(notBefore) }),
    ...claims,
  }
  return JSON.parse(JSON.stringify(payload))
}
