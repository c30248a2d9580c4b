import type { JWTHeaderParameters, JWTPayload } from 'jose'
import { deepFreeze } from './deep-freeze.js'
import { type ClaimPaths, type TokenClaims, toTokenClaims } from './token-claims.js'

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

/**
 * @internal For the validator, once everything has been checked.
 * @param paths where groups, scopes and permissions stand; by default, under their usual names
 */
export function verifiedToken(header: JWTHeaderParameters, payload: JWTPayload, paths?: ClaimPaths): VerifiedToken {
  return new Verified(deepFreeze(header), deepFreeze(payload), paths) as unknown as VerifiedToken
}

class Verified {
  readonly claims: TokenClaims
  /** What was made of it last. A map beside the tokens would cost the garbage collector dearly. */
  #derived: unknown

  constructor(
    readonly header: Readonly<JWTHeaderParameters>,
    readonly rawClaims: Readonly<JWTPayload>,
    paths: ClaimPaths | undefined,
  ) {
    this.claims = toTokenClaims(rawClaims, paths)
    Object.freeze(this)
  }

  static derivedFrom(token: Verified): unknown {
    return token.#derived
  }

  static keepDerived(token: Verified, value: unknown): void {
    token.#derived = value
  }
}

/**
 * What was made of a token the last time; `undefined` where nothing was.
 *
 * @internal There is one such thing: its holder as a principal.
 */
export function derivedFrom(token: VerifiedToken): unknown {
  return token instanceof Verified ? Verified.derivedFrom(token) : undefined
}

/** @internal Keeps what was made of a token, for {@link derivedFrom}. */
export function keepDerived(token: VerifiedToken, value: unknown): void {
  if (token instanceof Verified) Verified.keepDerived(token, value)
}
