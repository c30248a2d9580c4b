import type { JWTHeaderParameters } from 'jose'
import { TokenInvalidError } from '../errors/token-invalid-error.js'
import { jsonObject } from './json-object.js'
import type { RawToken } from './raw-token.js'

/** A token taken apart, none of it verified yet. */
export interface CompactJws {
  readonly token: RawToken
  readonly header: JWTHeaderParameters
  readonly payload: Uint8Array
  readonly signature: Uint8Array
}

const SEGMENT = /^[A-Za-z0-9_-]*$/

/**
 * Takes a compact JWS apart (RFC 7515, section 3.1).
 *
 * Every segment has to be written in the one canonical way, so that a token has exactly one spelling.
 *
 * @throws {TokenInvalidError} `token_malformed`
 */
export function compactJws(token: RawToken): CompactJws {
  const segments = token.split('.', 4)
  const [header = '', payload = '', signature = ''] = segments
  if (segments.length !== 3) throw new TokenInvalidError('token_malformed')
  const parsed = jsonObject(base64url(header))
  if (parsed === undefined || typeof parsed['alg'] !== 'string') throw new TokenInvalidError('token_malformed')
  return {
    token,
    header: parsed as unknown as JWTHeaderParameters,
    payload: base64url(payload),
    signature: base64url(signature),
  }
}

function base64url(segment: string): Uint8Array {
  const bytes = Buffer.from(segment, 'base64url')
  if (!SEGMENT.test(segment) || bytes.toString('base64url') !== segment) throw new TokenInvalidError('token_malformed')
  return bytes
}
