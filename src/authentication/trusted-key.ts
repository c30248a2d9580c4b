import { types } from 'node:util'
import type { CryptoKey } from 'jose'
import { isAuthError } from '../errors/auth-error.js'
import { KeysUnavailableError } from '../errors/keys-unavailable-error.js'
import type { VerifiedToken } from '../tokens/verified-token.js'
import type { TrustedIssuer } from './issuer-selection.js'

/**
 * The key for a token, where it can be told at once. A source that breaks here, or hands out something else, is asked
 * again in the way that may fail.
 */
export function keyAtHand({ keys }: TrustedIssuer, header: VerifiedToken['header']): CryptoKey | undefined {
  try {
    const key: unknown = keys.keyAtHand?.(header)
    return types.isCryptoKey(key) ? (key as CryptoKey) : undefined
  } catch {
    return undefined
  }
}

/** Whether a token's key is still the one it was verified with, as far as that can be told at once. */
export function isStillAtHand({ keys }: TrustedIssuer, header: VerifiedToken['header'], key: CryptoKey): boolean {
  try {
    return keys.keyAtHand?.(header) === key
  } catch {
    return false
  }
}

/**
 * The key for a token. A source that breaks is one that has no keys to offer at the moment.
 *
 * @throws {TokenInvalidError} or {@link KeysUnavailableError}
 */
export async function keyFor({ keys, settings }: TrustedIssuer, header: VerifiedToken['header']): Promise<CryptoKey> {
  try {
    const key: unknown = await keys.keyFor(header)
    if (!types.isCryptoKey(key)) throw new TypeError('KeySource.keyFor has to return a CryptoKey')
    return key as CryptoKey
  } catch (cause) {
    if (isAuthError(cause)) throw cause
    throw new KeysUnavailableError(settings.jwksCooldownSeconds, { cause })
  }
}
