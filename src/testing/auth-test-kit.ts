import type { Container } from 'inversify'
import { AuthClientSettings } from '../config/auth-client-settings.js'
import { AuthConfigurationError } from '../errors/auth-configuration-error.js'
import { TokenInvalidError } from '../errors/token-invalid-error.js'
import { KeySet } from '../keys/key-set.js'
import { KeySource } from '../keys/key-source.js'
import { chosenKeyPair, type KeyChoice } from './chosen-key-pair.js'
import { generateSigningKeyPair } from './generate-signing-key-pair.js'
import { kitMismatches } from './kit-mismatches.js'
import { assertKnownOptions } from './known-options.js'
import { makeToken, type TokenOptions } from './make-token.js'
import type { SigningKeyPair } from './signing-key-pair.js'
import { agentTokenClaims, type TestAgentClaims } from './test-agent-claims.js'
import { DEFAULT_AUDIENCE, DEFAULT_ISSUER, type TestClaims } from './test-claims.js'
import { type TestSettings, testSettings } from './test-settings.js'

/** Whose tokens an {@link AuthTestKit} makes. */
export interface AuthTestKitOptions extends KeyChoice {
  /** `iss`. Default: `https://issuer.test`; nothing is ever fetched from there. */
  readonly issuer?: string | undefined
  /** `aud`. Default: `test-api`. */
  readonly audience?: string | undefined
  /** Claim path that `roles` are written to, and with {@link AuthTestKit.settings} read from. Default: `role`. */
  readonly roleClaim?: string | undefined
}

/**
 * Real tokens for tests, verified for real, without a network.
 *
 * Kits share one key pair per algorithm and process until they rotate it, so a hundred kits cost one
 * generation. `keyPair` gives a kit a key of its own.
 *
 * @example
 * ```ts
 * import { Container } from 'inversify'
 * import { AuthModule, KoaModule } from 'inversify-koa-auth'
 * import { AuthTestKit } from 'inversify-koa-auth/testing'
 *
 * const kit = await AuthTestKit.create()
 * const container = new Container()
 * container.load(new KoaModule(), new AuthModule({ ...kit.settings }))
 * kit.install(container)
 *
 * const headers = { authorization: await kit.authorization({ sub: 'ann', roles: ['editor'] }) }
 * ```
 */
export class AuthTestKit {
  /** `iss` of the tokens. */
  readonly issuer: string
  /** `aud` of the tokens. */
  readonly audience: string
  /** Settings that accept this kit's tokens, for `new AuthModule({ ...kit.settings })`. */
  readonly settings: TestSettings
  /** The public keys of this kit, whichever of several issuers is asked for, for a `TokenValidator` made by hand; {@link AuthTestKit.install} binds it. */
  readonly keySource: KeySource = {
    keyFor: (header) => this.#keyFor(header),
    keyAtHand: (header) => this.#keySet.foundBefore(header),
    forIssuer: () => this.keySource,
  }
  readonly #roleClaim: string | undefined
  #keyPair: SigningKeyPair
  #keySet: KeySet

  private constructor(
    { issuer = DEFAULT_ISSUER, audience = DEFAULT_AUDIENCE, roleClaim }: AuthTestKitOptions,
    keyPair: SigningKeyPair,
  ) {
    this.issuer = issuer
    this.audience = audience
    this.settings = testSettings({ issuer, audience, algorithm: keyPair.algorithm, roleClaim })
    this.#roleClaim = roleClaim
    this.#keyPair = keyPair
    this.#keySet = keySetOf(keyPair)
  }

  /** @throws {TypeError} for an unknown option or algorithm, or one that is not the key pair's. */
  static async create(options: AuthTestKitOptions = {}): Promise<AuthTestKit> {
    assertKnownOptions('AuthTestKit.create', options, ['issuer', 'audience', 'roleClaim', 'algorithm', 'keyPair'])
    return new AuthTestKit(options, await chosenKeyPair(options))
  }

  /** The key pair that signs at present. */
  get keyPair(): SigningKeyPair {
    return this.#keyPair
  }

  /** A token this kit's settings accept, unless told otherwise: see {@link makeToken}. */
  makeToken(claims: TestClaims = {}, options: TokenOptions = {}): Promise<string> {
    const whole = { iss: this.issuer, aud: this.audience, ...claims }
    return makeToken(this.#keyPair, whole, { roleClaim: this.#roleClaim, ...options })
  }

  /** An agent's token this kit's settings accept, for `X-Agent-Authorization`, unless told otherwise. */
  makeAgentToken(claims: TestAgentClaims = {}, options: TokenOptions = {}): Promise<string> {
    return this.makeToken(agentTokenClaims(claims), options)
  }

  /** The value of an `Authorization` header with such a token: `Bearer …`. */
  async authorization(claims: TestClaims = {}, options: TokenOptions = {}): Promise<string> {
    return `Bearer ${await this.makeToken(claims, options)}`
  }

  /**
   * Makes a container take its keys from this kit, before or after `AuthModule` is loaded: it replaces `KeySource`.
   *
   * @throws {AuthConfigurationError} when the container's settings would refuse every token of this kit; if
   * `AuthModule` is loaded afterwards, as soon as the keys are asked for.
   */
  install(container: Container): void {
    const settings = container.isBound(AuthClientSettings) ? container.get(AuthClientSettings) : undefined
    this.#assertAccepted(settings)
    const binding = container.isCurrentBound(KeySource) ? container.rebind(KeySource) : container.bind(KeySource)
    binding
      .toDynamicValue((context) => {
        this.#assertAccepted(context.get(AuthClientSettings, { optional: true }))
        return this.keySource
      })
      .inSingletonScope()
  }

  /** Signs with a new key from now on; tokens signed with the old one are refused at once. */
  async rotateKeys(): Promise<void> {
    this.#keyPair = await generateSigningKeyPair(this.#keyPair.algorithm)
    this.#keySet = keySetOf(this.#keyPair)
  }

  #assertAccepted(settings: AuthClientSettings | undefined): void {
    const problems = settings?.enabled ? kitMismatches(settings, this.settings) : []
    if (problems.length > 0) throw new AuthConfigurationError(problems)
  }

  async #keyFor(header: Parameters<KeySource['keyFor']>[0]): ReturnType<KeySource['keyFor']> {
    const key = await this.#keySet.find(header)
    if (key === undefined) throw new TokenInvalidError('key_unknown')
    return key
  }
}

function keySetOf({ publicJwk }: SigningKeyPair): KeySet {
  return KeySet.parse({ keys: [publicJwk] }) as KeySet
}
