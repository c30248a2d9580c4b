import { createServer } from 'node:http'
import type { Container } from 'inversify'
import Koa from 'koa'
import { createContainer, DOCS_CLIENT_ID } from './app.js'
import { close, listen } from './listen.js'
import { type RunningProvider, startProvider } from './provider.js'

export interface Demo {
  readonly provider: RunningProvider
  /** Where the API answers, such as `http://127.0.0.1:3000`. */
  readonly origin: string
  readonly container: Container
  stop(): Promise<void>
}

const AUDIENCE = 'https://tasks.example.com'

/**
 * Starts the provider and the API that accepts its tokens.
 *
 * @throws the socket's own error when the API's `port` is taken; nothing keeps running then.
 */
export async function startDemo(port: number): Promise<Demo> {
  const provider = await startProvider({ audience: AUDIENCE, roles: ['admin', 'viewer'] })
  const container = createContainer({
    issuer: provider.issuer,
    audience: AUDIENCE,
    // What happens to be set on this machine must not change what the demo shows.
    env: {},
    configFiles: [],
  })
  const server = createServer(container.get(Koa).callback())
  try {
    const origin = await listen(server, port)
    provider.registerPage(DOCS_CLIENT_ID, [origin, origin.replace('127.0.0.1', 'localhost')])
    return {
      provider,
      origin,
      container,
      async stop() {
        await Promise.all([close(server), provider.stop()])
      },
    }
  } catch (error) {
    await provider.stop()
    throw error
  }
}
