import type { AuthClientSettings } from '../config/auth-client-settings.js'
import { RevocationUnavailableError } from '../errors/revocation-unavailable-error.js'
import { publish } from '../events/auth-event.js'
import { onNobodysBehalf } from '../keys/on-nobodys-behalf.js'
import type { TokenClaims } from '../tokens/token-claims.js'
import { fetchRevokedIds, type RevocationEndpoint } from './fetch-revoked-ids.js'
import type { RevocationCheck } from './revocation-check.js'

/** What a {@link RevocationList} needs to know. */
export type RevocationSettings = RevocationEndpoint &
  Pick<AuthClientSettings, 'revocationTtlSeconds' | 'revocationFailOpen'>

/**
 * The ids (`jti`) of revoked tokens, polled from an endpoint in the background.
 *
 * Polling begins with the first question. The last list is kept while the endpoint is down; once it is older
 * than twice the TTL it no longer counts: tokens with a `jti` are then refused with 503, or, with
 * `revocationFailOpen`, judged by the old list. A token without a `jti` can't be on the list and passes.
 */
export class RevocationList implements RevocationCheck {
  readonly #settings: RevocationSettings
  readonly #now: () => number
  #revoked: ReadonlySet<string> = new Set()
  #asOf = Number.NEGATIVE_INFINITY
  #failure: unknown
  #inFlight: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined

  /** @param now a clock that never goes back, in milliseconds */
  constructor(settings: RevocationSettings, now: () => number = () => performance.now()) {
    this.#settings = settings
    this.#now = now
  }

  isRevoked({ jti }: Pick<TokenClaims, 'jti'>): boolean | Promise<boolean> {
    if (jti === '') return false
    this.#poll()
    const isFirstUnderWay = this.#asOf === Number.NEGATIVE_INFINITY && this.#failure === undefined
    return isFirstUnderWay ? this.#afterFirstFetch(jti) : this.#isListed(jti)
  }

  /** Begins polling and waits for the first list, or the first failure. */
  async warmUp(): Promise<void> {
    this.#poll()
    await this.#inFlight
  }

  /** Stops polling. */
  close(): void {
    clearInterval(this.#timer)
  }

  async #afterFirstFetch(jti: string): Promise<boolean> {
    await this.#inFlight
    return this.#isListed(jti)
  }

  #isListed(jti: string): boolean {
    if (!this.#isFresh() && !this.#settings.revocationFailOpen) throw this.#unavailable()
    return this.#revoked.has(jti)
  }

  #poll(): void {
    if (this.#timer !== undefined) return
    onNobodysBehalf(() => {
      this.#timer = setInterval(() => this.#refresh(), this.#settings.revocationTtlSeconds * 1000).unref()
      this.#refresh()
    })
  }

  #refresh(): void {
    this.#inFlight ??= this.#fetch().finally(() => {
      this.#inFlight = undefined
    })
  }

  async #fetch(): Promise<void> {
    const began = this.#now()
    try {
      this.#revoked = await fetchRevokedIds(this.#settings)
      this.#asOf = began
      this.#failure = undefined
      publish('revocation:refreshed', () => ({ entries: this.#revoked.size, durationMs: this.#now() - began }))
    } catch (error) {
      this.#failure = error
      const reason = (error as Error).message
      publish('revocation:refresh-failed', () => ({ reason, durationMs: this.#now() - began }))
    }
  }

  #isFresh(): boolean {
    return this.#now() - this.#asOf <= this.#settings.revocationTtlSeconds * 2000
  }

  #unavailable(): RevocationUnavailableError {
    return new RevocationUnavailableError(this.#settings.revocationTtlSeconds, { cause: this.#failure })
  }
}
