import type { JWK } from 'jose'

/** The members of a public key by its type; everything else in a JWK, private members above all, is ignored. */
const PUBLIC_MEMBERS: Readonly<Record<string, readonly string[]>> = {
  RSA: ['n', 'e'],
  EC: ['crv', 'x', 'y'],
  OKP: ['crv', 'x'],
  AKP: ['alg', 'pub'],
}

/** What kind of key an algorithm needs: `kty`, and `crv` where there is a choice. */
const NEEDED: Readonly<Record<string, readonly [kty: string, crv?: string]>> = {
  RS256: ['RSA'],
  RS384: ['RSA'],
  RS512: ['RSA'],
  PS256: ['RSA'],
  PS384: ['RSA'],
  PS512: ['RSA'],
  ES256: ['EC', 'P-256'],
  ES384: ['EC', 'P-384'],
  ES512: ['EC', 'P-521'],
  EdDSA: ['OKP', 'Ed25519'],
  'ML-DSA-44': ['AKP'],
  'ML-DSA-65': ['AKP'],
  'ML-DSA-87': ['AKP'],
}

/** EdDSA's fully specified name in keys (RFC 9864, section 2.2). */
const ALSO: Readonly<Record<string, string>> = { EdDSA: 'Ed25519' }

/**
 * The public part of a JWK that may verify signatures (RFC 7517, section 4), or `undefined` for any other.
 */
export function usableKey(value: unknown): JWK | undefined {
  if (keyFault(value) !== undefined) return undefined
  const jwk = value as Record<string, unknown>
  return Object.fromEntries(
    ['kty', 'kid', 'alg', ...publicMembers(jwk)].flatMap((name) => (name in jwk ? [[name, jwk[name]]] : [])),
  )
}

/** Why a JWK can't verify signatures; `undefined` for one that may. Whether it is strong enough is another question. */
export function keyFault(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return 'is no JSON object'
  const jwk = value as Record<string, unknown>
  const { kid, use, alg, key_ops: operations } = jwk
  const members = publicMembers(jwk)
  if (members.length === 0) return 'is of a type (kty) that has no public keys for signatures'
  if (!members.every((name) => typeof jwk[name] === 'string')) return `lacks one of ${members.join(', ')}`
  if (use !== undefined && use !== 'sig') return 'is not meant for signatures (use)'
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify'))) {
    return 'is not meant to verify (key_ops)'
  }
  return isOptionalText(kid) && isOptionalText(alg) ? undefined : 'has a kid or alg that is no text'
}

function publicMembers({ kty }: Readonly<Record<string, unknown>>): readonly string[] {
  return (typeof kty === 'string' && Object.hasOwn(PUBLIC_MEMBERS, kty) && PUBLIC_MEMBERS[kty]) || []
}

/** Whether a key may verify signatures of an algorithm: by its `alg` if it has one, and by its type. */
export function fitsAlgorithm(jwk: JWK, algorithm: string): boolean {
  const [kty, crv] = (Object.hasOwn(NEEDED, algorithm) && NEEDED[algorithm]) || []
  if (kty === undefined || jwk.kty !== kty || (crv !== undefined && jwk.crv !== crv)) return false
  return jwk.alg === undefined || jwk.alg === algorithm || jwk.alg === ALSO[algorithm]
}

function isOptionalText(value: unknown): value is string | undefined {
  return value === undefined || typeof value === 'string'
}
