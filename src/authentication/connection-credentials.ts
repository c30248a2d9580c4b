import type { IncomingMessage } from 'node:http'
import { assertOneAuthorization, tokenIn } from './bearer-token.js'

/** A request's token, and what it is remembered by. A class for V8's sake; see `KnownToken`. */
export class Credentials {
  constructor(
    readonly header: string,
    readonly token: string,
    readonly id: string,
    /** Who read them: two applications may share a connection, but not what they know. */
    readonly reader: ConnectionCredentials,
  ) {}
}

/** Where a connection keeps what came last. A map beside the connections would cost the garbage collector dearly. */
const LAST = Symbol('inversify-koa-auth.credentials')

interface Connection {
  [LAST]?: Credentials
}

type Request = Pick<IncomingMessage, 'headers' | 'rawHeaders' | 'httpVersionMajor'> & { readonly socket: object }

/**
 * Reads requests' credentials, knowing those that came last over the same connection.
 *
 * Most clients send the same token over and over, and its digest costs more than all other checks of a token that
 * is known. Nothing is decided here: whether the token is still good is found out every time.
 */
export class ConnectionCredentials {
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
    const last = request.httpVersionMajor === 1 ? (request.socket as Connection)[LAST] : undefined
    if (last?.header === header && last.reader === this) return last
    const token = tokenIn(header)
    return token === undefined ? undefined : new Credentials(header, token, this.identify(token), this)
  }

  /**
   * Keeps credentials that turned out to be good, for as long as the connection brings no others.
   *
   * Not over HTTP/2, where a connection is many requests' at once, and nobody's business here.
   */
  remember({ socket, httpVersionMajor }: Request, credentials: Credentials): void {
    if (credentials.id !== '' && httpVersionMajor === 1) (socket as Connection)[LAST] = credentials
  }
}
