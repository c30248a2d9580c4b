import type { IncomingMessage } from 'node:http'
import { assertOneAuthorization, tokenIn } from './bearer-token.js'

/** A request's token, and what it is remembered by. */
export interface Credentials {
  readonly header: string
  readonly token: string
  readonly id: string
}

type Request = Pick<IncomingMessage, 'headers' | 'rawHeaders' | 'socket'>

/**
 * Reads requests' credentials, knowing those that came last over the same connection.
 *
 * Most clients send the same token over and over, and its digest costs more than all other checks of a token that
 * is known. Nothing is decided here: whether the token is still good is found out every time.
 */
export class ConnectionCredentials {
  readonly #last = new WeakMap<object, Credentials>()

  /** @param identify what a token is remembered by; empty where nothing is */
  constructor(private readonly identify: (token: string) => string) {}

  /**
   * The credentials of a request; `undefined` without any.
   *
   * @throws {MalformedRequestError} for more than one Authorization header.
   */
  of(request: Request): Credentials | undefined {
    const header = request.headers.authorization
    if (header === undefined) return undefined
    assertOneAuthorization(request.rawHeaders)
    const last = this.#last.get(request.socket)
    if (last !== undefined && last.header === header) return last
    const token = tokenIn(header)
    return token === undefined ? undefined : { header, token, id: this.identify(token) }
  }

  /** Keeps credentials that turned out to be good, for as long as the connection brings no others. */
  remember({ socket }: Request, credentials: Credentials): void {
    if (credentials.id !== '' && this.#last.get(socket) !== credentials) this.#last.set(socket, credentials)
  }
}
