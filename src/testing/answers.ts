import { type ServerResponse, validateHeaderValue } from 'node:http'

/** What an endpoint of a healthy issuer has to say. */
export interface IssuerDocument {
  readonly contentType: string
  readonly body: string | Uint8Array
}

/** How an endpoint answers a request, given what it would say if it were well. */
export type Answer = (response: ServerResponse, document: IssuerDocument) => void

/** The document, at once. */
export const promptly: Answer = (response, document) => send(response, 200, document)

/** Nothing, for as long as the connection lasts. */
export const never: Answer = () => undefined

/** The document a byte at a time, and then blanks: an answer that always goes on and is never complete. */
export function drop(intervalMs: number): Answer {
  return (response, { contentType, body }) => {
    const bytes = Buffer.from(body)
    let sent = 0
    response.writeHead(200, { 'content-type': contentType }).flushHeaders()
    const timer = setInterval(() => {
      response.write(sent < bytes.length ? bytes.subarray(sent, sent + 1) : ' ')
      sent++
    }, intervalMs)
    response.on('close', () => clearInterval(timer))
  }
}

/**
 * Always the same, whatever was asked for.
 *
 * @throws {RangeError} for a status that no final response can have.
 * @throws {TypeError} for a content type that can't stand in a header.
 */
export function always(status: number, document: IssuerDocument): Answer {
  if (!Number.isInteger(status) || status < 200 || status > 599) throw new RangeError('a status is one of 200 to 599')
  validateHeaderValue('content-type', document.contentType)
  return (response) => send(response, status, document)
}

/**
 * A redirect that asks for the same request elsewhere (RFC 9110, section 15.4.8).
 *
 * @throws {TypeError} for a location that can't stand in a header.
 */
export function elsewhere(location: string): Answer {
  validateHeaderValue('location', location)
  return (response) => response.writeHead(307, { location }).end()
}

function send(response: ServerResponse, status: number, { contentType, body }: IssuerDocument): void {
  response.writeHead(status, { 'content-type': contentType }).end(body)
}
