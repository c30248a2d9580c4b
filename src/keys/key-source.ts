import type { ServiceIdentifier } from 'inversify'
import type { CryptoKey, JWTHeaderParameters } from 'jose'

/**
 * Where the keys that verify tokens come from: a `JwksClient` unless the application binds another.
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
}

export const KeySource: ServiceIdentifier<KeySource> = Symbol.for('inversify-koa-auth.KeySource')
