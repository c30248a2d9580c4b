import type { CryptoKey, JWTHeaderParameters } from 'jose'
import type { AuthClientSettings } from '../config/auth-client-settings.js'
import { KeysUnavailableError } from '../errors/keys-unavailable-error.js'
import { TokenInvalidError } from '../errors/token-invalid-error.js'
import { publish } from '../events/auth-event.js'
import { discoverKeySet } from './discover-key-set.js'
import { FetchError, fetchJson, withoutQuery } from './fetch-json.js'
import { KeySet } from './key-set.js'
import type { KeySource } from './key-source.js'
import { onNobodysBehalf } from './on-nobodys-behalf.js'

/** What a {@link JwksClient} needs to know. */
export type JwksSettings = Pick<
  AuthClientSettings,
  'issuer' | 'jwksEndpoint' | 'jwksTtlSeconds' | 'jwksCooldownSeconds' | 'jwksMaxStaleSeconds' | 'jwksTimeoutMs'
>

/** A key set, and when the fetch that brought it began: what it says can't be newer than that. */
interface Fetched {
  readonly set: KeySet
  readonly asOf: number
}

/** A set that was on its way already may be older than the question; the next one is not. */
const NEWER_SETS = 2

/** A longer delay would not wait at all. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** From this share of its TTL on, a key set is refreshed in the background. */
const REFRESH_AHEAD = 0.8

/**
 * The issuer's published keys, kept fresh at the cost of few fetches.
 *
 * There is one fetch in flight at most. A set is refreshed before its TTL is over, without anybody waiting;
 * while the endpoint is down the last set serves on for `jwksMaxStaleSeconds`, and fetches are tried again
 * every `jwksCooldownSeconds` until one succeeds. A key id the set doesn't know causes one fetch per cool-down.
 */
export class JwksClient implements KeySource {
  readonly #settings: JwksSettings
  readonly #now: () => number
  #current: Fetched | undefined
  #inFlight: Promise<Fetched> | undefined
  #failure: { readonly at: number; readonly error: unknown } | undefined
  #unknownAt = Number.NEGATIVE_INFINITY
  #discovered: string | undefined
  #retry: NodeJS.Timeout | undefined
  #closed = false

  /**
   * @param now a clock that never goes back, in milliseconds
   * @throws {RangeError} for a time of 0 or less, or one that is no number
   */
  constructor(settings: JwksSettings, now: () => number = () => performance.now()) {
    for (const name of ['jwksTtlSeconds', 'jwksCooldownSeconds', 'jwksTimeoutMs'] as const) {
      if (!(settings[name] > 0)) throw new RangeError(`${name} has to be more than 0`)
    }
    if (!(settings.jwksMaxStaleSeconds >= 0)) throw new RangeError('jwksMaxStaleSeconds has to be 0 or more')
    this.#settings = settings
    this.#now = now
  }

  /**
   * @throws {TokenInvalidError} `key_unknown`, also for the rest of a cool-down that an unknown key id has begun.
   * @throws {KeysUnavailableError} when no set that is fresh enough can be had.
   */
  async keyFor(header: Readonly<JWTHeaderParameters>): Promise<CryptoKey> {
    const asked = this.#now()
    let fetched = await this.#trusted(asked)
    let key = await fetched.set.find(header)
    for (let attempt = 0; attempt < NEWER_SETS && key === undefined && fetched.asOf < asked; attempt++) {
      fetched = await this.#newer()
      key = await fetched.set.find(header)
    }
    if (key === undefined) throw new TokenInvalidError('key_unknown')
    return key
  }

  /** The key in the set that is in force, where it has been asked for before; keeps the set fresh as well. */
  keyAtHand(header: Readonly<JWTHeaderParameters>): CryptoKey | undefined {
    return this.#inForce(this.#now())?.set.foundBefore(header)
  }

  /** Fetches the keys, if there are none yet. An endpoint that is down is no error: the first request finds out. */
  async warmUp(): Promise<void> {
    if (this.#current === undefined) await this.#refresh().catch(() => undefined)
  }

  /** How many keys of the current set are meant for signatures; `undefined` before the first fetch. */
  get keyCount(): number | undefined {
    return this.#current?.set.size
  }

  /** Stops trying again in the background. */
  close(): void {
    this.#closed = true
    clearTimeout(this.#retry)
  }

  /** The set to use at this moment, fetched first where there is none in force. */
  async #trusted(now: number): Promise<Fetched> {
    const inForce = this.#inForce(now)
    if (inForce !== undefined) return inForce
    if (this.#isCoolingDown(now)) throw this.#unavailable(now)
    try {
      return await this.#refresh()
    } catch {
      const later = this.#now()
      return this.#inForce(later) ?? this.#fail(later)
    }
  }

  /**
   * The set that counts without asking anybody: within its TTL, or past it for as long as the endpoint is known
   * to be down. Sees to it that a set which is getting old is refreshed meanwhile.
   */
  #inForce(now: number): Fetched | undefined {
    const current = this.#current
    if (current === undefined) return undefined
    const age = now - current.asOf
    const { jwksTtlSeconds: ttl, jwksMaxStaleSeconds: maxStale } = this.#settings
    const isFresh = age < ttl * 1000
    const isStaleButBest = this.#failure !== undefined && age < (ttl + maxStale) * 1000
    if (!isFresh && !isStaleButBest) return undefined
    if (age >= ttl * 1000 * REFRESH_AHEAD) this.#refreshInBackground(now)
    return current
  }

  /** A set for a key id that the current one doesn't know: fetched now, or by whoever is fetching already. */
  async #newer(): Promise<Fetched> {
    const now = this.#now()
    if (this.#inFlight === undefined) {
      if (this.#isCoolingDown(now)) throw this.#unavailable(now)
      if (now - this.#unknownAt < this.#cooldown) throw new TokenInvalidError('key_unknown')
      this.#unknownAt = now
    }
    try {
      return await this.#refresh()
    } catch {
      return this.#fail(this.#now())
    }
  }

  /** Asked for on every request: where a fetch is under way, nothing is to be left behind on its promise. */
  #refreshInBackground(now: number): void {
    if (this.#inFlight === undefined && !this.#isCoolingDown(now)) this.#refresh().catch(() => undefined)
  }

  #refresh(): Promise<Fetched> {
    this.#inFlight ??= onNobodysBehalf(() => this.#fetch()).finally(() => {
      this.#inFlight = undefined
    })
    return this.#inFlight
  }

  async #fetch(): Promise<Fetched> {
    const asOf = this.#now()
    clearTimeout(this.#retry)
    try {
      const set = await this.#fetchKeySet()
      this.#failure = undefined
      this.#current = { set, asOf }
      this.#publishRefreshed(set, asOf)
      return this.#current
    } catch (error) {
      this.#failure = { at: asOf, error }
      this.#discovered = undefined
      this.#retryLater()
      this.#publishFailure(error, asOf)
      throw error
    }
  }

  async #fetchKeySet(): Promise<KeySet> {
    const { issuer, jwksEndpoint, jwksTimeoutMs: timeoutMs } = this.#settings
    if (jwksEndpoint === '') this.#discovered ??= await discoverKeySet(issuer, { timeoutMs })
    const url = this.#discovered ?? jwksEndpoint
    const set = KeySet.parse(await fetchJson(url, { timeoutMs }), this.#current?.set)
    if (set === undefined) throw new FetchError(`${withoutQuery(url)} did not send a JWK Set`)
    return set
  }

  /** An endpoint that is back is noticed without anybody asking for keys. */
  #retryLater(): void {
    if (this.#closed) return
    const delay = Math.min(this.#cooldown, MAX_TIMER_MS)
    this.#retry = setTimeout(() => this.#refresh().catch(() => undefined), delay)
    this.#retry.unref()
  }

  #publishRefreshed({ size }: KeySet, asOf: number): void {
    const { issuer } = this.#settings
    publish('keys:refreshed', () => ({ issuer, keys: size, durationMs: this.#now() - asOf }))
  }

  #publishFailure(error: unknown, asOf: number): void {
    const { issuer } = this.#settings
    const now = this.#now()
    publish('keys:refresh-failed', () => ({ issuer, reason: (error as Error).message, durationMs: now - asOf }))
    const current = this.#current
    if (current === undefined || now - current.asOf < this.#settings.jwksTtlSeconds * 1000) return
    if (this.#inForce(now) === undefined) return
    publish('keys:served-stale', () => ({ issuer, ageSeconds: Math.round((now - current.asOf) / 1000) }))
  }

  get #cooldown(): number {
    return this.#settings.jwksCooldownSeconds * 1000
  }

  #isCoolingDown(now: number): boolean {
    return this.#failure !== undefined && now - this.#failure.at < this.#cooldown
  }

  #fail(now: number): never {
    throw this.#unavailable(now)
  }

  #unavailable(now: number): KeysUnavailableError {
    const waited = this.#failure === undefined ? 0 : now - this.#failure.at
    return new KeysUnavailableError((this.#cooldown - waited) / 1000, { cause: this.#failure?.error })
  }
}
