import { type CryptoKey, compactVerify, errors } from 'jose'
import { TokenInvalidError } from '../errors/token-invalid-error.js'
import type { CompactJws } from '../tokens/compact-jws.js'

/**
 * Checks a token's signature with a key that is trusted and fits its algorithm.
 *
 * @throws {TokenInvalidError} `signature_mismatch`, or `token_malformed` when there is nothing to check.
 */
export async function verifySignature({ token, header }: CompactJws, key: CryptoKey): Promise<void> {
  try {
    await compactVerify(token, key, { algorithms: [header.alg] })
  } catch (cause) {
    const failed = cause instanceof errors.JWSSignatureVerificationFailed
    throw new TokenInvalidError(failed ? 'signature_mismatch' : 'token_malformed', { cause })
  }
}
