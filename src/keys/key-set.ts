import { type CryptoKey, importJWK, type JWK, type JWTHeaderParameters } from 'jose'
import { fitsAlgorithm, usableKey } from './usable-key.js'

const LEAST_RSA_BITS = 2048

/** More keys than this for one `kid` or algorithm are too many to tell which is meant. */
const MOST_CANDIDATES = 8

/** An issuer's public keys at one moment. A newer set replaces it; what it no longer lists is gone. */
export class KeySet {
  /** By the JWK's own text, so that a key listed twice is one key. */
  readonly #usable: ReadonlyMap<string, JWK>
  readonly #textsById = new Map<string | undefined, string[]>()
  readonly #imported = new Map<string, Promise<CryptoKey | undefined>>()
  /** Keys that have been found before, by algorithm and then by `kid`. */
  readonly #found = new Map<string, Map<string | undefined, CryptoKey>>()

  private constructor(jwks: readonly unknown[]) {
    this.#usable = new Map(jwks.flatMap((value) => usableKey(value) ?? []).map((jwk) => [JSON.stringify(jwk), jwk]))
    for (const [text, { kid }] of this.#usable) {
      const sameId = this.#textsById.get(kid)
      if (sameId === undefined) this.#textsById.set(kid, [text])
      else sameId.push(text)
    }
  }

  /**
   * Reads a JWK Set (RFC 7517, section 5); `undefined` when the document isn't one.
   *
   * A key that `previous` lists as well, to the letter, is not imported again.
   */
  static parse(document: unknown, previous?: KeySet): KeySet | undefined {
    const keys = typeof document === 'object' && document !== null ? (document as { keys?: unknown }).keys : undefined
    if (!Array.isArray(keys)) return undefined
    const set = new KeySet(keys)
    if (previous !== undefined) set.#reuseImports(previous)
    return set
  }

  /** How many keys of the set are meant for signatures. Whether one is strong enough shows when it is needed. */
  get size(): number {
    return this.#usable.size
  }

  /**
   * The one key that fits a token's header; `undefined` when there is none, or no telling which of several.
   *
   * A token without `kid` is matched by its algorithm alone.
   */
  async find({ kid, alg }: Readonly<JWTHeaderParameters>): Promise<CryptoKey | undefined> {
    const texts = kid === undefined ? [...this.#usable.keys()] : (this.#textsById.get(kid) ?? [])
    const candidates = texts.filter((text) => fitsAlgorithm(this.#usable.get(text) as JWK, alg))
    if (candidates.length > MOST_CANDIDATES) return undefined
    const imported = await Promise.all(candidates.map((text) => this.#import(text, alg)))
    const [key, ...others] = imported.filter((candidate) => candidate !== undefined)
    if (key === undefined || others.length > 0) return undefined
    this.#keep(kid, alg, key)
    return key
  }

  /** What {@link KeySet.find} would come to, where it has before. */
  foundBefore({ kid, alg }: Readonly<JWTHeaderParameters>): CryptoKey | undefined {
    return this.#found.get(alg)?.get(kid)
  }

  #keep(kid: string | undefined, alg: string, key: CryptoKey): void {
    const byId = this.#found.get(alg) ?? new Map<string | undefined, CryptoKey>()
    this.#found.set(alg, byId.set(kid, key))
  }

  /** A WebCrypto key serves one algorithm, so a JWK that names none may be imported once for each. */
  #import(text: string, algorithm: string): Promise<CryptoKey | undefined> {
    const id = `${algorithm} ${text}`
    const key = this.#imported.get(id) ?? importPublicKey(this.#usable.get(text) as JWK, algorithm)
    this.#imported.set(id, key)
    return key
  }

  #reuseImports(previous: KeySet): void {
    for (const [id, key] of previous.#imported) {
      if (this.#usable.has(id.slice(id.indexOf(' ') + 1))) this.#imported.set(id, key)
    }
  }
}

/** A key that can't be imported, or is too weak, counts as absent. */
async function importPublicKey(jwk: JWK, algorithm: string): Promise<CryptoKey | undefined> {
  try {
    const key = (await importJWK(jwk, algorithm)) as CryptoKey
    return isStrong(key) ? key : undefined
  } catch {
    return undefined
  }
}

/** RSA needs 2048 bits (RFC 7518, section 3.3) and an odd exponent from 3 on: with 1, a signature proves nothing. */
function isStrong({ algorithm }: CryptoKey): boolean {
  const { modulusLength, publicExponent } = algorithm as { modulusLength?: number; publicExponent?: Uint8Array }
  if (modulusLength === undefined || publicExponent === undefined) return true
  const exponent = BigInt(`0x${Buffer.from(publicExponent).toString('hex')}`)
  return modulusLength >= LEAST_RSA_BITS && exponent >= 3n && exponent % 2n === 1n
}
