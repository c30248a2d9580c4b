import type { JWTHeaderParameters } from 'jose'
import { TokenInvalidError } from '../errors/token-invalid-error.js'
import { base64urlBytes } from './base64url.js'
import { deepFreeze } from './deep-freeze.js'
import { jsonObject } from './json-object.js'
import type { RawToken } from './raw-token.js'

/** A token taken apart, none of it verified yet. */
export interface CompactJws {
  readonly token: RawToken
  readonly header: Readonly<JWTHeaderParameters>
  readonly payload: Uint8Array
  readonly signature: Uint8Array
}

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
  return {
    token,
    header: knownHeaders.get(header) ?? readHeader(header),
    payload: base64url(payload),
    signature: base64url(signature),
  }
}

/** An issuer's tokens share one header for each of its keys, to the letter. */
const knownHeaders = new Map<string, JWTHeaderParameters>()
const MOST_HEADERS = 64
const LONGEST_HEADER = 512

function readHeader(segment: string): JWTHeaderParameters {
  const header = jsonObject(base64url(segment))
  if (header === undefined || typeof header['alg'] !== 'string') throw new TokenInvalidError('token_malformed')
  if (segment.length <= LONGEST_HEADER) {
    if (knownHeaders.size >= MOST_HEADERS) knownHeaders.clear()
    // A copy: a part of a string holds on to the whole, which is the token.
    const copy = Buffer.from(segment, 'latin1').toString('latin1')
    knownHeaders.set(copy, deepFreeze(header) as unknown as JWTHeaderParameters)
  }
  return header as unknown as JWTHeaderParameters
}

function base64url(segment: string): Uint8Array {
  const bytes = base64urlBytes(segment)
  if (bytes === undefined) throw new TokenInvalidError('token_malformed')
  return bytes
}
