import type { JWTHeaderParameters, JWTPayload } from 'jose'
import { deepFreeze } from './deep-freeze.js'
import { type TokenClaims, toTokenClaims } from './token-claims.js'

declare const verified: unique symbol

/** A token whose signature and claims have been checked. Frozen all the way down. */
export interface VerifiedToken {
  /** The protected header. */
  readonly header: Readonly<JWTHeaderParameters>
  /** The usual claims, typed. */
  readonly claims: TokenClaims
  /** All claims, as the issuer wrote them. */
  readonly rawClaims: Readonly<JWTPayload>
  /** @internal Only {@link verifiedToken} makes one, so that no step can be skipped. */
  readonly [verified]: true
}

/** @internal For the validator, once everything has been checked. */
export function verifiedToken(header: JWTHeaderParameters, payload: JWTPayload): VerifiedToken {
  const rawClaims = deepFreeze(payload)
  return Object.freeze({ header: deepFreeze(header), claims: toTokenClaims(rawClaims), rawClaims }) as VerifiedToken
}
