import type { CryptoKey } from 'jose'
import { TokenInvalidError } from '../errors/token-invalid-error.js'
import { JwksClient, type JwksSettings } from './jwks-client.js'
import type { KeySource } from './key-source.js'

/**
 * The published keys of several issuers, each in a `JwksClient` of its own: what happens to one, an outage or a flood
 * of unknown key ids, is nothing to the others.
 */
export class IssuerKeys implements KeySource {
  readonly #clients: ReadonlyMap<string, JwksClient>

  constructor(issuers: readonly JwksSettings[]) {
    this.#clients = new Map(issuers.map((settings) => [settings.issuer, new JwksClient(settings)]))
  }

  /** @throws {TokenInvalidError} always: a key id means nothing where it isn't said whose it is. */
  async keyFor(): Promise<CryptoKey> {
    throw new TokenInvalidError('key_unknown')
  }

  forIssuer(issuer: string): KeySource | undefined {
    return this.#clients.get(issuer)
  }

  /** Fetches the keys of all issuers. Those that are down are left for later. */
  async warmUp(): Promise<void> {
    await Promise.all([...this.#clients.values()].map((client) => client.warmUp()))
  }

  /** Stops trying again in the background. */
  close(): void {
    for (const client of this.#clients.values()) client.close()
  }
}

/** The published keys of one issuer or of several. */
export function publishedKeys(issuers: readonly JwksSettings[]): JwksClient | IssuerKeys {
  const [only, ...others] = issuers
  return only !== undefined && others.length === 0 ? new JwksClient(only) : new IssuerKeys(issuers)
}

/**
 * A source's keys of one of several issuers.
 *
 * @throws {TypeError} for a source that doesn't tell issuers apart.
 */
export function keysOfIssuer(source: KeySource, issuer: string): KeySource {
  const keys = source.forIssuer?.(issuer)
  if (keys === undefined) throw new TypeError('KeySource.forIssuer has to know each of auth_client.issuers')
  return keys
}
