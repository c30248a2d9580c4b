import type { CryptoKey, JWTPayload } from 'jose'
import type { AuthClientSettings } from '../config/auth-client-settings.js'
import { TokenInvalidError } from '../errors/token-invalid-error.js'
import { TokenRevokedError } from '../errors/token-revoked-error.js'
import type { KeySource } from '../keys/key-source.js'
import { type CompactJws, compactJws } from '../tokens/compact-jws.js'
import { jsonObject } from '../tokens/json-object.js'
import type { RawToken } from '../tokens/raw-token.js'
import { type VerifiedToken, verifiedToken } from '../tokens/verified-token.js'
import { checkClaims, validUntil } from './check-claims.js'
import { checkHeader } from './check-header.js'
import type { Clock } from './clock.js'
import { type IssuerSelection, issuerSelection, type TrustedIssuer } from './issuer-selection.js'
import { isRevoked, NOTHING_REVOKED, type RevocationCheck } from './revocation-check.js'
import { KnownToken, type PresentedToken, TokenCache } from './token-cache.js'
import { isStillAtHand, keyAtHand, keyFor } from './trusted-key.js'
import { verifySignature } from './verify-signature.js'

/** What a {@link TokenValidator} is made of. */
export interface TokenValidatorParts {
  readonly settings: AuthClientSettings
  readonly keys: KeySource
  /** Default: nothing is revoked. */
  readonly revocation?: RevocationCheck
  /** Default: `Date.now`. */
  readonly clock?: Clock
}

/** Turns a token into what it proves. Injectable: `container.get(TokenValidator)`. */
export class TokenValidator {
  readonly #settings: AuthClientSettings
  readonly #issuers: IssuerSelection
  readonly #revocation: RevocationCheck
  readonly #clock: Clock
  readonly #cache: TokenCache

  /** @internal */
  constructor({ settings, keys, revocation = NOTHING_REVOKED, clock = Date.now }: TokenValidatorParts) {
    this.#settings = settings
    this.#issuers = issuerSelection(settings, keys)
    this.#revocation = revocation
    this.#clock = clock
    this.#cache = new TokenCache(settings.tokenCacheSize)
  }

  /**
   * What a token proves, or an error: nothing is believed before it is proven.
   *
   * A token is verified once and then remembered, never beyond its own expiry or the time its key is trusted.
   * Whether it has been revoked is asked every time.
   *
   * @throws {TokenInvalidError}, {@link TokenExpiredError} or {@link TokenRevokedError} when it proves nothing.
   * @throws {KeysUnavailableError} or {@link RevocationUnavailableError} when that can't be told.
   */
  async validate(token: string): Promise<VerifiedToken> {
    return this.check(this.present(token))
  }

  /**
   * What a token is remembered by: the same for the same text. Empty where nothing is remembered.
   *
   * @internal
   */
  identify(token: string): string {
    return this.#cache.identify(token)
  }

  /**
   * What is remembered of a token by its id, whatever has become of it since.
   *
   * @internal
   */
  recall(id: string): KnownToken | undefined {
    return this.#cache.get(id)
  }

  /**
   * A token as {@link TokenValidator.check} takes it.
   *
   * @internal
   */
  present(token: string): PresentedToken {
    const id = this.identify(token)
    return { token, id, known: this.recall(id) }
  }

  /**
   * Notes that a token is in use, and remembers it again where others took its place. Whether it is still good is not
   * asked here.
   *
   * @internal
   */
  keep(id: string, known: KnownToken): void {
    this.#cache.keep(id, known)
  }

  /**
   * Like {@link TokenValidator.validate}, without a promise where nothing has to be waited for.
   *
   * @param presented with what is remembered of it; from then on it knows what has been found out
   * @param admit is asked about tokens that are not remembered, before anything else, and may throw
   * @internal
   */
  check(presented: PresentedToken, admit?: (token: string) => void): VerifiedToken | Promise<VerifiedToken> {
    const { token, id, known } = presented
    if (token.length > this.#settings.maxTokenBytes) throw new TokenInvalidError('token_too_long')
    if (known !== undefined && this.#now() < known.validUntil) {
      const { verified, key } = known
      return isStillAtHand(this.#issuers.of(verified), verified.header, key)
        ? this.#unrevoked(presented, known)
        : this.#checkAgain(presented, known)
    }
    if (known !== undefined) this.#forget(presented)
    admit?.(token)
    const fresh = this.#cache.remember(id, () => this.#verify(token as RawToken))
    return fresh instanceof Promise
      ? fresh.then((it) => this.#unrevoked(presented, it))
      : this.#unrevoked(presented, fresh)
  }

  /** The time of day in seconds since 1970, as claims have it. */
  #now(): number {
    return this.#clock() / 1000
  }

  #forget(presented: PresentedToken): void {
    presented.known = undefined
    this.#cache.forget(presented.id)
  }

  /**
   * A remembered token is good while the key that signed it is the one that its header names. Asking for that may take
   * so long that the token expires meanwhile.
   */
  async #checkAgain(presented: PresentedToken, known: KnownToken): Promise<VerifiedToken> {
    this.#forget(presented)
    const key = await keyFor(this.#issuers.of(known.verified), known.verified.header)
    const isStillGood = key === known.key && this.#now() < known.validUntil
    const verify = (): KnownToken | Promise<KnownToken> => this.#verify(presented.token as RawToken)
    return this.#unrevoked(presented, await this.#cache.remember(presented.id, () => (isStillGood ? known : verify())))
  }

  #unrevoked(presented: PresentedToken, known: KnownToken): VerifiedToken | Promise<VerifiedToken> {
    presented.known = known
    const { verified } = known
    const revoked = isRevoked(this.#revocation, verified.claims)
    return revoked instanceof Promise ? revoked.then((it) => unrevoked(verified, it)) : unrevoked(verified, revoked)
  }

  /** Form, issuer, header, signature, claims, in this order. */
  #verify(token: RawToken): KnownToken | Promise<KnownToken> {
    const jws = compactJws(token)
    const issuer = this.#issuers.select(jws)
    checkHeader(jws.header, issuer.settings)
    const key = keyAtHand(issuer, jws.header)
    return key === undefined
      ? keyFor(issuer, jws.header).then((it) => this.#prove(jws, it, issuer))
      : this.#prove(jws, key, issuer)
  }

  #prove(jws: CompactJws, key: CryptoKey, issuer: TrustedIssuer): KnownToken | Promise<KnownToken> {
    const proven = verifySignature(jws, key)
    return proven instanceof Promise ? proven.then(() => this.#judge(jws, key, issuer)) : this.#judge(jws, key, issuer)
  }

  #judge({ header, payload: bytes }: CompactJws, key: CryptoKey, { settings }: TrustedIssuer): KnownToken {
    const payload = jsonObject(bytes) as JWTPayload | undefined
    if (payload === undefined) throw new TokenInvalidError('token_malformed')
    checkClaims(payload, settings, this.#now())
    return new KnownToken(verifiedToken(header, payload, settings), key, validUntil(payload, settings))
  }
}

function unrevoked(verified: VerifiedToken, revoked: boolean): VerifiedToken {
  if (revoked) throw new TokenRevokedError()
  return verified
}
