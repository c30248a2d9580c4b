import { type CryptoKey, importJWK, type JWK, type JWTHeaderParameters } from 'jose'
import { fitsAlgorithm, usableKey } from './usable-key.js'

const LEAST_RSA_BITS = 2048

/** An issuer's public keys at one moment. A newer set replaces it; keys are never carried over. */
export class KeySet {
  readonly #byId = new Map<string | undefined, JWK[]>()
  readonly #imported = new Map<JWK, Map<string, Promise<CryptoKey | undefined>>>()
  readonly #usable: readonly JWK[]

  private constructor(jwks: readonly unknown[]) {
    this.#usable = jwks.flatMap((jwk) => usableKey(jwk) ?? [])
    for (const jwk of this.#usable) {
      const sameId = this.#byId.get(jwk.kid)
      if (sameId === undefined) this.#byId.set(jwk.kid, [jwk])
      else sameId.push(jwk)
    }
  }

  /** Reads a JWK Set (RFC 7517, section 5); `undefined` when the document isn't one. */
  static parse(document: unknown): KeySet | undefined {
    const keys = typeof document === 'object' && document !== null ? (document as { keys?: unknown }).keys : undefined
    return Array.isArray(keys) ? new KeySet(keys) : undefined
  }

  /** How many keys of the set can verify signatures. */
  get size(): number {
    return this.#usable.length
  }

  /**
   * The one key that fits a token's header; `undefined` when there is none, or no telling which of several.
   *
   * A token without `kid` is matched by its algorithm alone.
   */
  async find({ kid, alg }: Readonly<JWTHeaderParameters>): Promise<CryptoKey | undefined> {
    const candidates = (kid === undefined ? this.#usable : (this.#byId.get(kid) ?? [])).filter((jwk) =>
      fitsAlgorithm(jwk, alg),
    )
    const [jwk] = candidates
    return jwk !== undefined && candidates.length === 1 ? this.#import(jwk, alg) : undefined
  }

  /** A WebCrypto key serves one algorithm, so a JWK that names none may be imported once for each. */
  #import(jwk: JWK, algorithm: string): Promise<CryptoKey | undefined> {
    const imported = this.#imported.get(jwk) ?? new Map<string, Promise<CryptoKey | undefined>>()
    this.#imported.set(jwk, imported)
    const key = imported.get(algorithm) ?? importPublicKey(jwk, algorithm)
    imported.set(algorithm, key)
    return key
  }
}

/** A key that can't be imported, or is too weak, counts as absent. */
async function importPublicKey(jwk: JWK, algorithm: string): Promise<CryptoKey | undefined> {
  try {
    const key = (await importJWK(jwk, algorithm)) as CryptoKey
    const { modulusLength = LEAST_RSA_BITS } = key.algorithm as { modulusLength?: number }
    return modulusLength >= LEAST_RSA_BITS ? key : undefined
  } catch {
    return undefined
  }
}
