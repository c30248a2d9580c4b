import type { IncomingMessage } from 'node:http'
import { MalformedRequestError } from '../errors/malformed-request-error.js'
import type { RawToken } from '../tokens/raw-token.js'

const SCHEME = /^bearer(?=[ \t,]|$)/i

/** RFC 6750, section 2.1: `"Bearer" 1*SP b64token`. */
const CREDENTIALS = /^bearer +([A-Za-z0-9\-._~+/]+=*) *$/i

/**
 * Reads the token from a request's `Authorization` header (RFC 6750, section 2.1; RFC 9110, section 11.4).
 *
 * No header, or another scheme, means the caller is anonymous: `undefined`.
 * A Bearer header that breaks the grammar is an attempt that failed, and so is a second Authorization header.
 *
 * @throws {MalformedRequestError} when the credentials are not a single b64token.
 */
export function bearerToken(request: Pick<IncomingMessage, 'headers' | 'rawHeaders'>): RawToken | undefined {
  const header = request.headers.authorization
  if (header === undefined) return undefined
  if (isRepeated(request.rawHeaders)) throw new MalformedRequestError('credentials_repeated')
  if (!SCHEME.test(header)) return undefined
  const token = CREDENTIALS.exec(header)?.[1]
  if (token === undefined) throw new MalformedRequestError('bearer_malformed')
  return token as RawToken
}

/** Node keeps only the first of several Authorization headers in `headers`. */
function isRepeated(rawHeaders: readonly string[]): boolean {
  let count = 0
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]
    if (name?.length === 'authorization'.length && name.toLowerCase() === 'authorization') count++
  }
  return count > 1
}
