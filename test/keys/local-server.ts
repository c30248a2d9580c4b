import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A real HTTP server on a loopback port whose answers a test may change at any time. */
export class LocalServer {
  /** Paths asked for, in order. */
  readonly requests: string[] = []
  /** The credentials of the last request. */
  authorization: string | undefined
  readonly #server: Server

  private constructor(public answer: RequestListener) {
    this.#server = createServer((request, response) => {
      this.requests.push(request.url ?? '')
      this.authorization = request.headers.authorization
      this.answer(request, response)
    })
  }

  static async start(answer: RequestListener = (_request, response) => response.end()): Promise<LocalServer> {
    const server = new LocalServer(answer)
    server.#server.listen(0, '127.0.0.1')
    await once(server.#server, 'listening')
    return server
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    if (this.#server.listening) await once(this.#server, 'close')
  }
}

/** Answers with a JSON document. */
export function json(document: unknown, status = 200): RequestListener {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(document))
  }
}

/** Answers with a status and nothing else. */
export function status(code: number, headers: Readonly<Record<string, string>> = {}): RequestListener {
  return (_request, response) => {
    response.writeHead(code, headers).end()
  }
}

/** Answers each path in its own way, and everything else with 404. */
export function byPath(answers: Readonly<Record<string, RequestListener>>): RequestListener {
  return (request, response) => (answers[request.url ?? ''] ?? status(404))(request, response)
}
