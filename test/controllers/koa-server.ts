import { once } from 'node:events'
import { createServer, request as httpRequest, type OutgoingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import Koa from 'koa'

/** What a server has answered. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
}

/** What to send; a list of chunks is sent without a Content-Length. */
export interface Sent {
  readonly method?: string
  readonly path?: string
  readonly headers?: OutgoingHttpHeaders
  readonly body?: string | Uint8Array | readonly (string | Uint8Array)[]
}

/** A real Koa application on a loopback port; `handle` is its only middleware and may be changed by every test. */
export class KoaServer {
  handle: Koa.Middleware = () => undefined
  /** What has gone wrong without being meant for the client. */
  readonly errors: unknown[] = []
  readonly app = new Koa()
  readonly #server: Server

  constructor() {
    this.app.on('error', (error) => this.errors.push(error))
    this.app.use((ctx, next) => this.handle(ctx, next))
    this.#server = createServer(this.app.callback())
  }

  async start(): Promise<this> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return this
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  async send({ method = 'GET', path = '/', headers = {}, body }: Sent = {}): Promise<Answer> {
    const request = httpRequest({ host: '127.0.0.1', port: this.port, agent: false, method, path, headers })
    const answered = once(request, 'response')
    if (Array.isArray(body)) {
      request.flushHeaders()
      for (const chunk of body) request.write(chunk)
      request.end()
    } else {
      request.end(body as string | Uint8Array | undefined)
    }
    const [response] = await answered
    request.on('error', () => undefined)
    const chunks: Buffer[] = []
    for await (const chunk of response) chunks.push(chunk as Buffer)
    return { status: response.statusCode, headers: response.headers, text: Buffer.concat(chunks).toString() }
  }
}
