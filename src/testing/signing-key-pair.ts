import { createPrivateKey, createPublicKey } from 'node:crypto'
import { calculateJwkThumbprint, type JWK } from 'jose'
import type { SignatureAlgorithm } from '../config/auth-client-settings.js'
import { deepFreeze } from '../tokens/deep-freeze.js'

/** A key that signs test tokens, in every form that other tools ask for. Frozen all the way down. */
export interface SigningKeyPair {
  /** What tokens are signed with; `alg` of both JWKs. */
  readonly algorithm: SignatureAlgorithm
  /** The SHA-256 thumbprint of the public key (RFC 7638), base64url; `kid` of both JWKs. */
  readonly kid: string
  /** PKCS#8 (RFC 5208): `-----BEGIN PRIVATE KEY-----`. */
  readonly privateKeyPem: string
  /** SubjectPublicKeyInfo (RFC 5280): `-----BEGIN PUBLIC KEY-----`. */
  readonly publicKeyPem: string
  /** RFC 7517, with `kid`, `alg` and `use: 'sig'`. */
  readonly privateJwk: Readonly<JWK>
  /** RFC 7517, with `kid`, `alg` and `use: 'sig'`. */
  readonly publicJwk: Readonly<JWK>
}

/** A key pair in all its forms, from the one that has everything in it. */
export async function signingKeyPair(
  algorithm: SignatureAlgorithm,
  privateKeyPkcs8Pem: string,
): Promise<SigningKeyPair> {
  const privateKey = createPrivateKey(privateKeyPkcs8Pem)
  const publicKey = createPublicKey(privateKey)
  const publicMembers = publicKey.export({ format: 'jwk' }) as JWK
  const kid = await calculateJwkThumbprint(publicMembers)
  const usage = { kid, alg: algorithm, use: 'sig' } as const
  return deepFreeze({
    algorithm,
    kid,
    privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }) as string,
    privateJwk: { ...(privateKey.export({ format: 'jwk' }) as JWK), ...usage },
    publicJwk: { ...publicMembers, ...usage },
  })
}
