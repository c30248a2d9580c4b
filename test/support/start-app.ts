import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Container, type Newable } from 'inversify'
import { AuthModule, type AuthModuleOptions, KeySource, KoaModule, RevocationCheck } from 'inversify-koa-auth'
import { AuthTestKit } from 'inversify-koa-auth/testing'
import Koa from 'koa'

/** Tokens are signed by its keys, in every test that doesn't need keys of its own: making a key pair takes a while. */
export const kit = await AuthTestKit.create()

/** An application to start. */
export interface AppOptions {
  readonly controllers?: readonly Newable[]
  readonly settings?: AuthModuleOptions
  /** Binds what has to be there before the modules are loaded. */
  readonly bind?: (container: Container) => void
  /** Has the container before the application is taken from it. */
  readonly loaded?: (container: Container) => void
}

/** What a request may carry besides its path. */
export interface RequestOptions extends RequestInit {
  readonly token?: string
}

/** An application behind a loopback socket. */
export interface RunningApp {
  readonly container: Container
  readonly port: number
  /** Everything the application reported as its own failure. */
  readonly errors: readonly unknown[]
  readonly request: (path: string, options?: RequestOptions) => Promise<Response>
  readonly get: (path: string, options?: RequestOptions) => Promise<Response>
  readonly post: (path: string, options?: RequestOptions) => Promise<Response>
  /** Closes the socket and lets go of the keys and of the list of revoked tokens: nothing is fetched in the background any more. */
  readonly stop: () => Promise<void>
}

/** A container with both modules, whose keys are the kit's. */
export function loadContainer({ controllers = [], settings = {}, bind }: AppOptions): Container {
  const container = new Container()
  bind?.(container)
  container.load(
    new KoaModule({ controllers }),
    new AuthModule({ ...kit.settings, env: {}, configFiles: [], ...settings }),
  )
  return container
}

/** Starts an application made of controllers, that accepts the kit's tokens. */
export function startApp(options: AppOptions): Promise<RunningApp> {
  const container = loadContainer(options)
  kit.install(container)
  options.loaded?.(container)
  return serve(container.get<Koa>(Koa), container)
}

/** Serves an application that the test has put together itself. */
export async function serve(app: Koa, container: Container): Promise<RunningApp> {
  const errors: unknown[] = []
  app.on('error', (error) => errors.push(error))
  const server = createServer(app.callback())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const request = (path: string, { token, headers, ...init }: RequestOptions = {}): Promise<Response> => {
    const all = new Headers(headers)
    if (token !== undefined) all.set('authorization', `Bearer ${token}`)
    return fetch(`http://127.0.0.1:${port}${path}`, { redirect: 'manual', ...init, headers: all })
  }
  return {
    container,
    port,
    errors,
    request,
    get: request,
    post: (path, init) => request(path, { method: 'POST', ...init }),
    stop: async () => {
      await close(server)
      await container.unbindAsync(KeySource)
      await container.unbindAsync(RevocationCheck)
    },
  }
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}
