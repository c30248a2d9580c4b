import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { JWK } from 'jose'
import { always, drop, elsewhere, type IssuerDocument, never } from './answers.js'
import { chosenKeyPair, type KeyChoice } from './chosen-key-pair.js'
import { generateSigningKeyPair } from './generate-signing-key-pair.js'
import {
  type FaultOptions,
  type IssuerEndpoint,
  IssuerEndpoints,
  PATHS,
  type RequestCounts,
} from './issuer-endpoints.js'
import { assertKnownOptions } from './known-options.js'
import { makeToken, type TokenOptions } from './make-token.js'
import type { SigningKeyPair } from './signing-key-pair.js'
import { DEFAULT_AUDIENCE, type TestClaims } from './test-claims.js'
import { type TestSettings, testSettings } from './test-settings.js'

const LOOPBACK = '127.0.0.1'
const JSON_TYPE = 'application/json'
const KEY_SET_TYPE = 'application/jwk-set+json'

/** Where a {@link TestIssuer} listens and whose tokens it makes. */
export interface TestIssuerOptions extends KeyChoice {
  /** Default: any free one. */
  readonly port?: number | undefined
  /** `aud`. Default: `test-api`. */
  readonly audience?: string | undefined
  /** Claim path that `roles` are written to, and with {@link TestIssuer.settings} read from. Default: `role`. */
  readonly roleClaim?: string | undefined
}

/**
 * A real issuer on a loopback port: OpenID Connect Discovery, a key set, and tokens to go with them.
 *
 * It can also fail in the ways that real ones do; {@link TestIssuer.restore} makes it well again, and a fault set
 * later replaces one set before at the same endpoint. Keys are shared in a process as those of `AuthTestKit` are.
 * A misspelt option of any method is a TypeError.
 *
 * @example
 * ```ts
 * import { AuthModule } from 'inversify-koa-auth'
 * import { TestIssuer } from 'inversify-koa-auth/testing'
 *
 * const issuer = await TestIssuer.start()
 * const auth = new AuthModule({ ...issuer.settings })
 * const token = await issuer.makeToken({ sub: 'ann' })
 *
 * issuer.fail(503, { on: 'jwks' }) // how does your application take it?
 * issuer.restore()
 * await issuer.stop()
 * ```
 */
export class TestIssuer {
  /** `iss`, and where the issuer listens; without a trailing slash. */
  readonly url: string
  /** `aud` of the tokens. */
  readonly audience: string
  /** Settings that accept this issuer's tokens and find its keys by discovery, for `new AuthModule({ ...issuer.settings })`. */
  readonly settings: TestSettings
  readonly #server: Server
  readonly #roleClaim: string | undefined
  readonly #endpoints = new IssuerEndpoints((endpoint) => this.#document(endpoint))
  #keyPair: SigningKeyPair
  #published: readonly SigningKeyPair[]
  #stopped: Promise<void> | undefined

  private constructor(
    server: Server,
    keyPair: SigningKeyPair,
    { audience = DEFAULT_AUDIENCE, roleClaim }: TestIssuerOptions,
  ) {
    this.url = `http://${LOOPBACK}:${(server.address() as AddressInfo).port}`
    this.audience = audience
    const settings = testSettings({ issuer: this.url, audience, algorithm: keyPair.algorithm, roleClaim })
    this.settings = Object.freeze({ ...settings, jwksEndpoint: '' })
    this.#server = server
    this.#roleClaim = roleClaim
    this.#keyPair = keyPair
    this.#published = [keyPair]
    server.on('request', this.#endpoints.listener)
  }

  /**
   * Opens the port.
   *
   * @throws the socket's own error, such as `EADDRINUSE`.
   * @throws {TypeError} for an unknown option or algorithm, or one that is not the key pair's.
   */
  static async start(options: TestIssuerOptions = {}): Promise<TestIssuer> {
    assertKnownOptions('TestIssuer.start', options, ['port', 'audience', 'roleClaim', 'algorithm', 'keyPair'])
    const keyPair = await chosenKeyPair(options)
    const server = createServer().listen(options.port ?? 0, LOOPBACK)
    await once(server, 'listening')
    return new TestIssuer(server, keyPair, options)
  }

  /** The same as {@link TestIssuer.url}. */
  get issuer(): string {
    return this.url
  }

  /** Where the key set is. */
  get jwksUri(): string {
    return `${this.url}${PATHS.jwks}`
  }

  /** The key set as a healthy issuer publishes it, newest key first. */
  get jwks(): { readonly keys: readonly Readonly<JWK>[] } {
    return { keys: this.#published.map(({ publicJwk }) => publicJwk) }
  }

  /** The key pair that signs at present. */
  get keyPair(): SigningKeyPair {
    return this.#keyPair
  }

  /** How often the issuer has been asked up to now: a snapshot. */
  get requests(): RequestCounts {
    return this.#endpoints.counts
  }

  /** A token this issuer's settings accept, unless told otherwise: see {@link makeToken}. */
  makeToken(claims: TestClaims = {}, options: TokenOptions = {}): Promise<string> {
    const whole = { iss: this.url, aud: this.audience, ...claims }
    return makeToken(this.#keyPair, whole, { roleClaim: this.#roleClaim, ...options })
  }

  /** The value of an `Authorization` header with such a token: `Bearer …`. */
  async authorization(claims: TestClaims = {}, options: TokenOptions = {}): Promise<string> {
    return `Bearer ${await this.makeToken(claims, options)}`
  }

  /** Signs with a new key from now on. The old one is withdrawn at once, or with `keepOld` stays published. */
  async rotate(options: { readonly keepOld?: boolean } = {}): Promise<void> {
    assertKnownOptions('issuer.rotate', options, ['keepOld'])
    this.#keyPair = await generateSigningKeyPair(this.#keyPair.algorithm)
    this.#published = options.keepOld ? [this.#keyPair, ...this.#published] : [this.#keyPair]
  }

  /** Takes requests and never answers. */
  hang(options: FaultOptions = {}): void {
    assertKnownOptions('issuer.hang', options, ['on'])
    this.#endpoints.break(never, options)
  }

  /** Answers a byte at a time and never finishes; `intervalMs` (default: 20) is the time between two bytes. */
  drip(options: FaultOptions & { readonly intervalMs?: number } = {}): void {
    assertKnownOptions('issuer.drip', options, ['on', 'intervalMs'])
    this.#endpoints.break(drop(options.intervalMs ?? 20), options)
  }

  /**
   * Answers with this status and an empty JSON object.
   *
   * @throws {RangeError} for a status that is not one of 200 to 599.
   */
  fail(status: number, options: FaultOptions = {}): void {
    assertKnownOptions('issuer.fail', options, ['on'])
    this.#endpoints.break(always(status, { contentType: JSON_TYPE, body: '{}' }), options)
  }

  /**
   * Answers with a redirect (307): of the key set, or of what `on` names. A URL of this issuer at any free path
   * leads to what was asked for.
   */
  redirect(url: string, options: FaultOptions = {}): void {
    assertKnownOptions('issuer.redirect', options, ['on'])
    const { on = 'jwks' } = options
    this.#endpoints.break(elsewhere(url), { on })
    const target = URL.canParse(url, this.url) ? new URL(url, this.url) : undefined
    if (target?.origin === this.url) this.#endpoints.move(target.pathname, on)
  }

  /**
   * Serves this in place of the key set: text and bytes as they are, anything else as JSON.
   *
   * @throws {RangeError} for a status that is not one of 200 to 599.
   */
  serve(body: unknown, options: { readonly contentType?: string; readonly status?: number } = {}): void {
    assertKnownOptions('issuer.serve', options, ['contentType', 'status'])
    const { contentType = KEY_SET_TYPE, status = 200 } = options
    this.#endpoints.break(always(status, { contentType, body: bodyOf(body) }), { on: 'jwks' })
  }

  /** Serves this in place of the metadata: text and bytes as they are, anything else as JSON. */
  serveDiscovery(document: unknown): void {
    this.#endpoints.break(always(200, { contentType: JSON_TYPE, body: bodyOf(document) }), { on: 'discovery' })
  }

  /** Ends every fault. Requests that hang or drip already go on doing so. */
  restore(): void {
    this.#endpoints.restore()
  }

  /** Closes the port and every connection, those with unfinished answers too. Afterwards connections are refused. */
  stop(): Promise<void> {
    this.#stopped ??= this.#close()
    return this.#stopped
  }

  async #close(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }

  #document(endpoint: IssuerEndpoint): IssuerDocument {
    if (endpoint === 'jwks') return { contentType: KEY_SET_TYPE, body: bodyOf(this.jwks) }
    return { contentType: JSON_TYPE, body: bodyOf({ issuer: this.url, jwks_uri: this.jwksUri }) }
  }
}

function bodyOf(content: unknown): string | Uint8Array {
  return typeof content === 'string' || content instanceof Uint8Array ? content : JSON.stringify(content)
}
