import type { IssuerSettings } from '../config/auth-client-settings.js'
import { isSecureUrl } from '../config/secure-url.js'
import { issuerMetadata } from '../keys/issuer-metadata.js'

/** Where an issuer signs people in (RFC 8414, section 2). */
export interface AuthorizationEndpoints {
  readonly issuer: string
  readonly authorizationEndpoint: string
  readonly tokenEndpoint: string
}

type Settings = Pick<IssuerSettings, 'issuer' | 'jwksTimeoutMs' | 'jwksCooldownSeconds'>

/**
 * One issuer's endpoints, asked for when somebody reads the documentation, and then remembered.
 *
 * While they can't be had, the issuer is asked once per `jwksCooldownSeconds` at most, however many are reading.
 */
export class EndpointLookup {
  readonly #settings: Settings
  readonly #now: () => number
  #found: AuthorizationEndpoints | undefined
  #inFlight: Promise<AuthorizationEndpoints | undefined> | undefined
  #askedAt = Number.NEGATIVE_INFINITY

  /** @param now a clock that never goes back, in milliseconds */
  constructor(settings: Settings, now: () => number = () => performance.now()) {
    this.#settings = settings
    this.#now = now
  }

  /** What the issuer has said so far. */
  get known(): AuthorizationEndpoints | undefined {
    return this.#found
  }

  /** `undefined` where they can't be had at the moment, or the issuer has none that a browser may be sent to. */
  async endpoints(): Promise<AuthorizationEndpoints | undefined> {
    if (this.#found !== undefined || this.#inFlight !== undefined) return this.#found ?? this.#inFlight
    if (this.#now() - this.#askedAt < this.#settings.jwksCooldownSeconds * 1000) return undefined
    this.#askedAt = this.#now()
    this.#inFlight = this.#ask().finally(() => {
      this.#inFlight = undefined
    })
    return this.#inFlight
  }

  async #ask(): Promise<AuthorizationEndpoints | undefined> {
    const { issuer, jwksTimeoutMs: timeoutMs } = this.#settings
    try {
      const metadata = await issuerMetadata(issuer, { timeoutMs })
      const { authorization_endpoint: authorizationEndpoint, token_endpoint: tokenEndpoint } = metadata?.members ?? {}
      const areSecure =
        isSecureUrl(authorizationEndpoint, { query: true }) && isSecureUrl(tokenEndpoint, { query: true })
      if (areSecure) this.#found = Object.freeze({ issuer, authorizationEndpoint, tokenEndpoint })
      return this.#found
    } catch {
      return undefined
    }
  }
}
