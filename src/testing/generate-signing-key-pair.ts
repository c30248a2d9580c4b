import { exportPKCS8, generateKeyPair } from 'jose'
import type { SignatureAlgorithm } from '../config/auth-client-settings.js'
import { isSupportedHere } from '../config/supported-algorithm.js'
import { SIGNATURE_ALGORITHMS } from './signature.js'
import { type SigningKeyPair, signingKeyPair } from './signing-key-pair.js'

/**
 * A new key pair for any algorithm that tokens can be signed with; RSA keys have 2048 bits.
 *
 * @throws {TypeError} for any other algorithm, and for ML-DSA before Node.js 24.7.
 *
 * @example
 * ```ts
 * import { AuthTestKit, generateSigningKeyPair } from 'inversify-koa-auth/testing'
 *
 * const kit = await AuthTestKit.create({ keyPair: await generateSigningKeyPair('ES256') })
 * ```
 */
export async function generateSigningKeyPair(algorithm: SignatureAlgorithm = 'RS256'): Promise<SigningKeyPair> {
  if (!SIGNATURE_ALGORITHMS.includes(algorithm)) {
    throw new TypeError(`the algorithm has to be one of ${SIGNATURE_ALGORITHMS.join(', ')}`)
  }
  if (!isSupportedHere(algorithm)) throw new TypeError(`${algorithm} needs Node.js 24.7 or later`)
  const { privateKey } = await generateKeyPair(algorithm, { extractable: true, modulusLength: 2048 })
  return signingKeyPair(algorithm, await exportPKCS8(privateKey))
}
