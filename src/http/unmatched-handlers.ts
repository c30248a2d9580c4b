import Router from '@koa/router'
import { AuthConfigurationError } from '../errors/auth-configuration-error.js'

type Handler = Router['stack'][number]['stack'][number]

const untouched = new WeakSet<Router>()

/** A router that nobody else has had in hand: it has no handlers. */
export function newRouter(): Router {
  const router = new Router()
  untouched.add(router)
  return router
}

/**
 * Puts other handlers in the place of those that a router has already for requests which match nothing (`router.on`).
 *
 * @throws {AuthConfigurationError} when that can not be told: @koa/router offers no way to ask.
 */
export function replaceUnmatchedHandlers(router: Router, replacement: (handler: Handler) => Handler): void {
  if (untouched.has(router)) return
  const { _events: events } = router as unknown as { readonly _events?: { readonly _handlers?: unknown } }
  const known = events?._handlers
  if (!(known instanceof Map)) {
    const message =
      'may have handlers for requests that match nothing, which would be open: this version of @koa/router hides them. ' +
      'Bind none of your own; add routes to the one that the container makes'
    throw new AuthConfigurationError([{ where: 'Router', message }])
  }
  for (const [event, handlers] of known as Map<unknown, readonly Handler[]>) {
    known.set(event, handlers.map(replacement))
  }
}
