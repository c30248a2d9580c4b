import { promisify } from 'node:util'
import type { pki as forgePki } from 'node-forge'
import { assertKnownOptions } from './known-options.js'
import { type SigningKeyPair, signingKeyPair } from './signing-key-pair.js'

const LEAST_BITS = 512

/** What kind of RSA key is wanted. */
export interface RsaKeyOptions {
  /** Length of the modulus. Default: 2048. Shorter keys are for tests that expect them to be refused. */
  readonly bits?: number
  /** What the key signs with. Default: RS256. */
  readonly algorithm?: 'RS256' | 'RS384' | 'RS512' | 'PS256' | 'PS384' | 'PS512'
}

/**
 * A new RSA key pair, made by node-forge in about 0.2 seconds: make one for a whole test run.
 *
 * Needs the optional peer dependency node-forge; {@link generateSigningKeyPair} doesn't.
 *
 * @throws {Error} when node-forge is not installed.
 * @throws {TypeError} for an unknown option.
 * @throws {RangeError} for less than 512 bits, which OpenSSL doesn't make.
 *
 * @example
 * ```ts
 * import { generateRsaKeyPair, makeToken } from 'inversify-koa-auth/testing'
 *
 * const keyPair = await generateRsaKeyPair()
 * const token = await makeToken(keyPair, { iss: 'https://idp.example.com', aud: 'tasks', sub: 'ann' })
 * ```
 */
export async function generateRsaKeyPair(options: RsaKeyOptions = {}): Promise<SigningKeyPair> {
  assertKnownOptions('generateRsaKeyPair', options, ['bits', 'algorithm'])
  const { bits = 2048, algorithm = 'RS256' } = options
  if (!Number.isInteger(bits) || bits < LEAST_BITS) throw new RangeError(`bits has to be at least ${LEAST_BITS}`)
  const { pki } = await loadForge()
  // Only with a callback does forge leave the search for primes to node.
  const generate = promisify<{ bits: number }, forgePki.rsa.KeyPair>(pki.rsa.generateKeyPair)
  const { privateKey } = await generate({ bits })
  return signingKeyPair(algorithm, pki.privateKeyInfoToPem(pki.wrapRsaPrivateKey(pki.privateKeyToAsn1(privateKey))))
}

async function loadForge() {
  try {
    return (await import('node-forge')).default
  } catch (cause) {
    throw new Error('generateRsaKeyPair needs node-forge: npm install --save-dev node-forge', { cause })
  }
}
