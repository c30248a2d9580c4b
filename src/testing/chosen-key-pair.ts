import type { SignatureAlgorithm } from '../config/auth-client-settings.js'
import { generateSigningKeyPair } from './generate-signing-key-pair.js'
import type { SigningKeyPair } from './signing-key-pair.js'

/** Which key signs test tokens. */
export interface KeyChoice {
  /** What tokens are signed with. Default: RS256, or the algorithm of `keyPair`. */
  readonly algorithm?: SignatureAlgorithm | undefined
  /** The first signing key. Default: one for each algorithm, shared by everything in this process. */
  readonly keyPair?: SigningKeyPair | undefined
}

const shared = new Map<SignatureAlgorithm, Promise<SigningKeyPair>>()

/**
 * The caller's key pair, or the one that is generated once per process and algorithm.
 *
 * @throws {TypeError} when the key pair is for another algorithm than the one asked for.
 */
export async function chosenKeyPair({ algorithm, keyPair }: KeyChoice): Promise<SigningKeyPair> {
  if (keyPair === undefined) return sharedKeyPair(algorithm ?? 'RS256')
  if (algorithm !== undefined && algorithm !== keyPair.algorithm) {
    throw new TypeError(`keyPair signs with ${keyPair.algorithm}, algorithm asks for ${algorithm}: give one of them`)
  }
  return keyPair
}

function sharedKeyPair(algorithm: SignatureAlgorithm): Promise<SigningKeyPair> {
  const keyPair = shared.get(algorithm) ?? generateSigningKeyPair(algorithm)
  shared.set(algorithm, keyPair)
  return keyPair
}
