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
  /** What {@link derive} made last. A map beside the tokens would cost the garbage collector dearly. */
  #derived: unknown

  constructor(
    readonly header: Readonly<JWTHeaderParameters>,
    readonly rawClaims: Readonly<JWTPayload>,
    paths: ClaimPaths | undefined,
  ) {
    this.claims = toTokenClaims(rawClaims, paths)
    Object.freeze(this)
  }

  static derive<Value>(token: Verified, make: (last: Value | undefined) => Value): Value {
    const value = make(token.#derived as Value | undefined)
    token.#derived = value
    return value
  }
}

/**
 * Makes something of a token, beginning with what was made of it the last time.
 *
 * @internal There is one such thing: its holder as a principal.
 */
export function derive<Value>(token: VerifiedToken, make: (last: Value | undefined) => Value): Value {
  return token instanceof Verified ? Verified.derive(token, make) : make(undefined)
}
