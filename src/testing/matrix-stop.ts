import { randomUUID } from 'node:crypto'
import type { Container } from 'inversify'
import type Koa from 'koa'
import { AuthConfigurationError } from '../errors/auth-configuration-error.js'
import { RouteMiddleware } from '../http/route-middleware.js'

const HEADER = 'x-authorization-matrix'

/** Ends requests of the matrix right after the decision, so that no handler runs. */
export class MatrixStop implements RouteMiddleware {
  readonly order = Number.NEGATIVE_INFINITY
  /** Nobody who doesn't hold this can keep a request from its handler. */
  readonly #secret = randomUUID()
  #routes = 0

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

  forRoute(): Koa.Middleware {
    this.#routes++
    return async (ctx, next) => {
      if (ctx.get(HEADER) !== this.#secret) return next()
      ctx.set(HEADER, this.#secret)
      ctx.status = 204
    }
  }

  /** Whether a response comes from here: the request has got through to the handler. */
  hasStopped(response: Response): boolean {
    return response.headers.get(HEADER) === this.#secret
  }

  /** @throws {AuthConfigurationError} when the application was built before, and its handlers would run. */
  assertInPlace(routes: number): void {
    if (this.#routes >= routes) return
    const message =
      'has built its application already, and handlers would run; make the matrix before container.get(Koa), or of a container of its own'
    throw new AuthConfigurationError([{ where: 'the container', message }])
  }
}
