import type { CryptoKey, JWTPayload } from 'jose'
import type { AuthClientSettings } from '../config/auth-client-settings.js'
import { isAuthError } from '../errors/auth-error.js'
import { KeysUnavailableError } from '../errors/keys-unavailable-error.js'
import { TokenInvalidError } from '../errors/token-invalid-error.js'
import type { KeySource } from '../keys/key-source.js'
import { type CompactJws, compactJws } from '../tokens/compact-jws.js'
import { jsonObject } from '../tokens/json-object.js'
import type { RawToken } from '../tokens/raw-token.js'
import { type VerifiedToken, verifiedToken } from '../tokens/verified-token.js'
import { checkClaims } from './check-claims.js'
import { checkHeader } from './check-header.js'
import type { Clock } from './clock.js'
import { verifySignature } from './verify-signature.js'

/** Turns a token into what it proves. Injectable: `container.get(TokenValidator)`. */
export class TokenValidator {
  readonly #settings: AuthClientSettings
  readonly #keys: KeySource
  readonly #clock: Clock

  /** @internal */
  constructor(settings: AuthClientSettings, keys: KeySource, clock: Clock) {
    this.#settings = settings
    this.#keys = keys
    this.#clock = clock
  }

  /**
   * Checks size, form, header, signature and claims, in this order: nothing is believed before it is proven.
   *
   * @throws {TokenInvalidError} or {@link TokenExpiredError} when the token proves nothing.
   * @throws {KeysUnavailableError} when no key can be had to tell.
   */
  async validate(token: string): Promise<VerifiedToken> {
    if (token.length > this.#settings.maxTokenBytes) throw new TokenInvalidError('token_too_long')
    const jws = compactJws(token as RawToken)
    checkHeader(jws.header, this.#settings)
    await verifySignature(jws, await this.#keyFor(jws))
    const payload = jsonObject(jws.payload)
    if (payload === undefined) throw new TokenInvalidError('token_malformed')
    checkClaims(payload as JWTPayload, this.#settings, this.#clock() / 1000)
    return verifiedToken(jws.header, payload as JWTPayload)
  }

  /** A key source that breaks is one that has no keys to offer at the moment. */
  async #keyFor({ header }: CompactJws): Promise<CryptoKey> {
    try {
      return await this.#keys.keyFor(header)
    } catch (cause) {
      if (isAuthError(cause)) throw cause
      throw new KeysUnavailableError(this.#settings.jwksCooldownSeconds, { cause })
    }
  }
}
