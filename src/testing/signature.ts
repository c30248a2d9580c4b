import { createHmac, createPrivateKey, constants as crypto, type SigningOptions, sign } from 'node:crypto'
import { promisify } from 'node:util'
import type { SignatureAlgorithm } from '../config/auth-client-settings.js'
import { fitsAlgorithm } from '../keys/usable-key.js'
import type { SigningKeyPair } from './signing-key-pair.js'

const signAsync = promisify(sign)

/** What `node:crypto` needs to know about an algorithm (RFC 7518, section 3.1; RFC 8037, section 3.1; RFC 9964). */
interface Scheme {
  /** EdDSA and ML-DSA choose their own. */
  readonly hash?: 'sha256' | 'sha384' | 'sha512'
  readonly options?: SigningOptions
}

const PSS: SigningOptions = { padding: crypto.RSA_PKCS1_PSS_PADDING, saltLength: crypto.RSA_PSS_SALTLEN_DIGEST }
const ECDSA: SigningOptions = { dsaEncoding: 'ieee-p1363' }

const SCHEMES: Readonly<Record<SignatureAlgorithm, Scheme>> = {
  RS256: { hash: 'sha256' },
  RS384: { hash: 'sha384' },
  RS512: { hash: 'sha512' },
  PS256: { hash: 'sha256', options: PSS },
  PS384: { hash: 'sha384', options: PSS },
  PS512: { hash: 'sha512', options: PSS },
  ES256: { hash: 'sha256', options: ECDSA },
  ES384: { hash: 'sha384', options: ECDSA },
  ES512: { hash: 'sha512', options: ECDSA },
  EdDSA: {},
  'ML-DSA-44': {},
  'ML-DSA-65': {},
  'ML-DSA-87': {},
}

/** Every algorithm a key pair can be made for. */
export const SIGNATURE_ALGORITHMS = Object.keys(SCHEMES) as readonly SignatureAlgorithm[]

/**
 * Signs what a token's header asks for, as an attacker would:
 *
 * - `none`: no signature at all (RFC 7518, section 3.6)
 * - `HS256` and its like: with the public key's PEM as the shared secret (RFC 8725, section 2.1)
 * - another algorithm that suits the key: correctly, with that
 * - anything else: with the key's own algorithm, so that header and signature disagree
 */
export async function signature(input: string, algorithm: unknown, keyPair: SigningKeyPair): Promise<Buffer> {
  if (algorithm === 'none') return Buffer.alloc(0)
  const bits = typeof algorithm === 'string' ? /^HS(256|384|512)$/.exec(algorithm)?.[1] : undefined
  if (bits !== undefined) return createHmac(`sha${bits}`, keyPair.publicKeyPem).update(input).digest()
  const { hash, options } = SCHEMES[suits(keyPair, algorithm) ? algorithm : keyPair.algorithm]
  const key = createPrivateKey(keyPair.privateKeyPem)
  return signAsync(hash, Buffer.from(input), { key, ...options })
}

function suits({ publicJwk: { alg, ...key } }: SigningKeyPair, algorithm: unknown): algorithm is SignatureAlgorithm {
  return typeof algorithm === 'string' && fitsAlgorithm(key, algorithm)
}
