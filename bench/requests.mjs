import { REQUESTED } from './contract.mjs'

/** A GET of the measured path, as bytes on the wire. */
export function requestFor(token, path = REQUESTED) {
  const authorization = token === undefined ? '' : `Authorization: Bearer ${token}\r\n`
  return `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${authorization}\r\n`
}

/** The same requests over and over, from where the last run left off: a cache sees them as far apart as can be. */
export function rotating(tokens) {
  let position = 0
  return () => {
    const token = tokens[position]
    position = (position + 1) % tokens.length
    return requestFor(token)
  }
}
