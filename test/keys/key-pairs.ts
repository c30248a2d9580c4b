import { type CryptoKey, exportJWK, type GenerateKeyPairOptions, generateKeyPair, type JWK } from 'jose'

/** A key pair, and its public half as an issuer would publish it: no `kid`, `alg` or `use` unless a test adds them. */
export interface KeyPair {
  readonly privateKey: CryptoKey
  readonly publicKey: CryptoKey
  readonly jwk: JWK
}

const made = new Map<string, Promise<KeyPair>>()

/** One pair per algorithm and run; `name` asks for another one. */
export function keyPair(algorithm: string, name = ''): Promise<KeyPair> {
  const id = `${algorithm} ${name}`
  const pair = made.get(id) ?? newKeyPair(algorithm)
  made.set(id, pair)
  return pair
}

/** A pair of its own, which may be weaker than anybody should accept. */
export async function newKeyPair(algorithm: string, options: GenerateKeyPairOptions = {}): Promise<KeyPair> {
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true, ...options })
  return { privateKey, publicKey, jwk: await exportJWK(publicKey) }
}
