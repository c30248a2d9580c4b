import { MalformedRequestError } from '../errors/malformed-request-error.js'

const SCHEME = /^bearer(?=[ \t,]|$)/i

/** RFC 6750, section 2.1: `b64token`. */
const B64TOKEN = /^[A-Za-z0-9\-._~+/]+=*$/

/**
 * The token in an `Authorization` header's text (RFC 6750, section 2.1; RFC 9110, section 11.4).
 *
 * Another scheme means the caller is anonymous: `undefined`. Whether the token keeps to the grammar is left to
 * {@link assertB64Token}: one that has been seen before did.
 */
export function tokenIn(header: string): string | undefined {
  return SCHEME.test(header) ? withoutSpaces(header.slice('bearer'.length)) : undefined
}

/**
 * Lets a single token through.
 *
 * @throws {MalformedRequestError} when the credentials are anything else: none, several, or in other characters.
 */
export function assertB64Token(token: string): void {
  if (!isB64Token(token)) throw new MalformedRequestError('bearer_malformed')
}

/** Whether credentials keep to the grammar of a single token. */
export function isB64Token(token: string): boolean {
  return B64TOKEN.test(token)
}

/** Spaces may surround a token. Tabs may not. */
function withoutSpaces(text: string): string {
  let start = 0
  let end = text.length
  while (text[start] === ' ') start++
  while (end > start && text[end - 1] === ' ') end--
  return text.slice(start, end)
}

/** Whether a request has several headers of one (lower-case) name. Node keeps the first in `headers`, or joins them. */
export function isRepeated(rawHeaders: readonly string[], header: string): boolean {
  let count = 0
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]
    if (name?.length === header.length && name.toLowerCase() === header) count++
  }
  return count > 1
}

/**
 * Lets requests with one Authorization header through.
 *
 * @throws {MalformedRequestError} for more than one.
 */
export function assertOneAuthorization(rawHeaders: readonly string[]): void {
  if (isRepeated(rawHeaders, 'authorization')) throw new MalformedRequestError('credentials_repeated')
}
