import type { ServiceIdentifier } from 'inversify'
import type { CryptoKey, JWTHeaderParameters } from 'jose'

/**
 * Where the keys that verify tokens come from: a `JwksClient` (or, with several issuers, one for each) unless the
 * application binds another.
 */
export interface KeySource {
  /**
   * The public key for a token with this protected header. The header is not verified:
   * its members may select among keys that are trusted already, never supply or locate one.
   *
   * @throws {TokenInvalidError} `key_unknown` when the issuer has no such key.
   * @throws {KeysUnavailableError} when that can't be told at the moment.
   */
  keyFor(header: Readonly<JWTHeaderParameters>): Promise<CryptoKey>

  /**
   * What {@link KeySource.keyFor} would come to, where that can be told at once; `undefined` is no verdict.
   *
   * A source with this method answers most requests without a promise. It has to hand out the same object for as
   * long as a key is trusted: a remembered token is good only while its own key is still the answer.
   */
  keyAtHand?(header: Readonly<JWTHeaderParameters>): CryptoKey | undefined

  /**
   * The keys of one of `auth_client.issuers`: with several, only this is asked, never the source itself, since the
   * same key id may mean different keys to different issuers. The same object each time.
   *
   * A source without it can't serve several issuers, which is found out at start-up.
   */
  forIssuer?(issuer: string): KeySource | undefined

  /** Gets ready before the first request; see `warmUp`. */
  warmUp?(): Promise<void>
}

export const KeySource: ServiceIdentifier<KeySource> = Symbol.for('inversify-koa-auth.KeySource')
