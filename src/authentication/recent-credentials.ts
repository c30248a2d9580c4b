import type { IncomingMessage } from 'node:http'
import { onNobodysBehalf } from '../keys/on-nobodys-behalf.js'
import { assertOneAuthorization, tokenIn } from './bearer-token.js'
import type { KnownToken, PresentedToken } from './token-cache.js'

/** A request's token, and what it is remembered by. A class for V8's sake; see `KnownToken`. */
export class Credentials implements PresentedToken {
  /** Whether the token had been seen before these credentials were. */
  readonly isKnown: boolean
  /** The generation that keeps them; -1 where none does. */
  generation = -1

  constructor(
    readonly header: string,
    readonly token: string,
    readonly id: string,
    public known: KnownToken | undefined,
  ) {
    this.isKnown = known !== undefined
  }
}

/** What tells tokens apart. */
export interface TokenMemory {
  /** What a token is remembered by; empty where nothing is. */
  readonly identify: (token: string) => string
  /** What is remembered of a token. */
  readonly recall: (id: string) => KnownToken | undefined
  /** Notes that a token is in use, and remembers it again where others took its place. */
  readonly keep: (id: string, known: KnownToken) => void
}

/** How many headers a generation holds, and how long it is the young one. There are two of them. */
const GENERATION_SIZE = 1024
const GENERATION_MS = 30_000

/** So much of a header's end tells signatures apart. */
const TAIL = 24

/**
 * Reads requests' credentials, knowing good ones again that came within the last minute.
 *
 * A token's digest costs more than all other checks of a token that is known. A header that is the same to the last
 * character has the same digest, and is found by its end. Nothing is decided here: whether the token is still good
 * is found out every time. Credentials that come once are not kept: they would grow old in vain, at the expense of the
 * garbage collector. After a minute without requests nothing is.
 */
export class RecentCredentials {
  #young = new Map<string, Credentials>()
  #old = new Map<string, Credentials>()
  #generation = 0
  #aging: NodeJS.Timeout | undefined

  /**
   * @param generationMs how long credentials are young, in milliseconds; they are old for as long again
   */
  constructor(
    private readonly memory: TokenMemory,
    private readonly generationMs: number = GENERATION_MS,
  ) {}

  /**
   * The credentials of a request; `undefined` without any.
   *
   * @throws {MalformedRequestError} for more than one Authorization header.
   */
  of({ headers, rawHeaders }: Pick<IncomingMessage, 'headers' | 'rawHeaders'>): Credentials | undefined {
    const header = headers.authorization
    if (header === undefined) return undefined
    assertOneAuthorization(rawHeaders)
    const tail = header.slice(-TAIL)
    const young = this.#young.get(tail)
    if (young?.header === header) return young
    const old = this.#old.get(tail)
    if (old?.header === header) return this.#keep(tail, old)
    const token = tokenIn(header)
    if (token === undefined) return undefined
    const id = this.memory.identify(token)
    return new Credentials(header, token, id, this.memory.recall(id))
  }

  /** Keeps credentials that turned out to be good again. */
  remember(credentials: Credentials): void {
    if (!credentials.isKnown || credentials.generation === this.#generation) return
    this.#keep(credentials.header.slice(-TAIL), credentials)
  }

  /** While credentials are known, nobody else is asked for them: once a generation it is told that they are in use. */
  #keep(tail: string, credentials: Credentials): Credentials {
    if (this.#young.size >= GENERATION_SIZE) this.#age()
    if (credentials.known !== undefined) this.memory.keep(credentials.id, credentials.known)
    credentials.generation = this.#generation
    this.#young.set(tail, credentials)
    this.#aging ??= this.#ageLater()
    return credentials
  }

  #age(): void {
    clearTimeout(this.#aging)
    const isEmpty = this.#young.size === 0
    this.#aging = isEmpty ? undefined : this.#ageLater()
    this.#old = this.#young
    this.#young = new Map()
    this.#generation++
  }

  #ageLater(): NodeJS.Timeout {
    return onNobodysBehalf(() => setTimeout(() => this.#age(), this.generationMs).unref())
  }
}
