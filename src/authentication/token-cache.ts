import { hash } from 'node:crypto'
import type { CryptoKey } from 'jose'
import { LRUCache } from 'lru-cache'
import type { VerifiedToken } from '../tokens/verified-token.js'
import { Doorkeeper } from './doorkeeper.js'

/**
 * A verified token, and what its verdict hangs on.
 *
 * A class, as are claims and principals: V8 notices where literals are written whose objects live long, makes all
 * later ones there old from the start, and they take along what they refer to, also where nothing keeps them.
 */
export class KnownToken {
  constructor(
    readonly verified: VerifiedToken,
    /** The key that signed it. */
    readonly key: CryptoKey,
    /** When the claims have to be judged anew, in seconds since 1970: V8 keeps whole ones of these in place. */
    readonly validUntil: number,
  ) {}
}

/** A token that somebody brought. */
export interface PresentedToken {
  readonly token: string
  /** What it is remembered by; empty where nothing is. */
  readonly id: string
  /** What is known of it; `undefined` where nothing is. Whether that still holds is asked as always. */
  known: KnownToken | undefined
}

/**
 * Verified tokens by a digest of their exact text. Where there is no more room, a token that comes a second time
 * takes the place of the least recently used.
 *
 * Only tokens that were good are kept, and the token itself is not. Whether a verdict still holds is for
 * whoever asks to decide.
 */
export class TokenCache {
  readonly #known: LRUCache<string, KnownToken> | undefined
  readonly #doorkeeper: Doorkeeper | undefined
  readonly #pending = new Map<string, Promise<KnownToken>>()

  /** @param size how many tokens to remember; 0 remembers nothing */
  constructor(size: number) {
    if (size === 0) return
    this.#known = new LRUCache({ max: size })
    this.#doorkeeper = new Doorkeeper(size)
  }

  /** What a token is known by: a SHA-256 digest, or nothing where nothing is remembered. */
  identify(token: string): string {
    return this.#known === undefined ? '' : hash('sha256', token, 'base64')
  }

  /** What is known of a token, which is the most recently used one then. */
  get(id: string): KnownToken | undefined {
    return this.#known?.get(id)
  }

  /** Makes a token the most recently used, and gives it back its place where others took it. */
  keep(id: string, known: KnownToken): void {
    if (this.#known !== undefined && this.#known.get(id) === undefined) this.#known.set(id, known)
  }

  /** Forgets a token whose verdict no longer holds. */
  forget(id: string): void {
    this.#known?.delete(id)
  }

  /**
   * Verifies a token and remembers it. Callers with the same token at the same time share one verification.
   *
   * A promise only where verifying is one.
   */
  remember(id: string, verify: () => KnownToken | Promise<KnownToken>): KnownToken | Promise<KnownToken> {
    if (this.#known === undefined) return verify()
    const pending = this.#pending.get(id)
    if (pending !== undefined) return pending
    const known = verify()
    if (known instanceof Promise) return this.#whenVerified(id, known)
    this.#admit(id, known)
    return known
  }

  #whenVerified(id: string, verification: Promise<KnownToken>): Promise<KnownToken> {
    const pending = verification.finally(() => this.#pending.delete(id))
    this.#pending.set(id, pending)
    return pending.then((known) => {
      this.#admit(id, known)
      return known
    })
  }

  /** While there is room, everybody gets some; then only whoever comes a second time. */
  #admit(id: string, known: KnownToken): void {
    const cache = this.#known as LRUCache<string, KnownToken>
    if (cache.size < cache.max || this.#doorkeeper?.knows(id)) cache.set(id, known)
  }
}
