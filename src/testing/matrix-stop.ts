import { randomUUID } from 'node:crypto'
import type Router from '@koa/router'
import type { Container } from 'inversify'
import type Koa from 'koa'
import type { RouteDescription } from '../controllers/route-table.js'
import { AuthConfigurationError } from '../errors/auth-configuration-error.js'
import { RouteMiddleware } from '../http/route-middleware.js'

const HEADER = 'x-authorization-matrix'

/** Ends requests of the matrix right after the decision, so that no handler runs, and says at which route. */
export class MatrixStop implements RouteMiddleware {
  readonly order = Number.NEGATIVE_INFINITY
  /** Nobody who doesn't hold this can keep a request from its handler. */
  readonly #secret = randomUUID()
  readonly #routes: RouteDescription[] = []
  readonly #stops = new Map<unknown, RouteDescription>()

  /** Binds a stop to a container whose application has not been built yet. */
  static in(container: Container): MatrixStop {
    const stop = new MatrixStop()
    container.bind(RouteMiddleware).toConstantValue(stop)
    return stop
  }

  /** The header that marks a request of the matrix. */
  get header(): Readonly<Record<string, string>> {
    return { [HEADER]: this.#secret }
  }

  forRoute(route: RouteDescription): Koa.Middleware {
    const number = this.#routes.push(route) - 1
    const stop: Koa.Middleware = async (ctx, next) => {
      if (ctx.get(HEADER) !== this.#secret) return next()
      ctx.set(HEADER, `${this.#secret} ${number}`)
      ctx.status = 204
    }
    this.#stops.set(stop, route)
    return stop
  }

  /** The route whose handler a request has got through to; `undefined` where it has come to none. */
  stoppedAt(response: Response): RouteDescription | undefined {
    const [secret, number] = (response.headers.get(HEADER) ?? '').split(' ')
    return secret === this.#secret ? this.#routes[Number(number)] : undefined
  }

  /** The controller route that a router leads a request to: of several that match, the first. */
  routeAhead(router: Router, method: string, path: string): RouteDescription | undefined {
    const stack = router.match(path, method).pathAndMethod.flatMap((layer) => layer.stack as readonly unknown[])
    return this.#stops.get(stack.find((middleware) => this.#stops.has(middleware)))
  }

  /** @throws {AuthConfigurationError} when the router was made before, and handlers would run. */
  assertInPlace(routes: number): void {
    if (this.#routes.length >= routes) return
    const message =
      'has made its router already, and handlers would run; make the matrix before container.get(Koa) and container.get(Router), or of a container of its own'
    throw new AuthConfigurationError([{ where: 'the container', message }])
  }
}
