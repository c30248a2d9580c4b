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
  if (typeof value !== 'object' || value === null) return undefined
  const jwk = value as Record<string, unknown>
  const { kty, kid, use, alg, key_ops: operations } = jwk
  const members = typeof kty === 'string' && Object.hasOwn(PUBLIC_MEMBERS, kty) ? PUBLIC_MEMBERS[kty] : undefined
  if (members === undefined || !members.every((name) => typeof jwk[name] === 'string')) return undefined
  if (use !== undefined && use !== 'sig') return undefined
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify'))) return undefined
  if (!isOptionalText(kid) || !isOptionalText(alg)) return undefined
  return Object.fromEntries(
    ['kty', 'kid', 'alg', ...members].flatMap((name) => (name in jwk ? [[name, jwk[name]]] : [])),
  )
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
