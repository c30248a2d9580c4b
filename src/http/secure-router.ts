import type Router from '@koa/router'
import type Koa from 'koa'
import { asMiddleware, type RouteSecurity } from './route-security.js'
import { replaceUnmatchedHandlers } from './unmatched-handlers.js'
import type { Work } from './within-scope.js'

type Layer = Router['stack'][number]
type Handler = Layer['stack'][number]

/** Adds a route that brings its own security. */
export type AddRoute = (
  method: string,
  path: string,
  security: RouteSecurity,
  stack: readonly Koa.Middleware[],
  handler: Work,
) => void

/**
 * Gives every route, middleware and `not-found` handler that is added to a router by other hands than ours, now or later,
 * a guard of its own: nothing is open just because it isn't a controller's. They are added by the router's methods; what
 * somebody puts on `router.stack` past them is not seen.
 *
 * Middleware that is there already runs ahead of all routes, anonymous ones too, and stays as it is.
 *
 * @returns how to add a route that brings its own security
 * @throws {AuthConfigurationError} for a router whose handlers can't be seen
 */
export function secureRouter(router: Router, guard: RouteSecurity): AddRoute {
  const settled = new WeakSet<Layer>()
  const guardian = asMiddleware(guard)
  const guardNewLayers = (isToBeGuarded: (layer: Layer) => boolean): void => {
    for (const layer of router.stack) {
      if (settled.has(layer)) continue
      settled.add(layer)
      if (isToBeGuarded(layer)) layer.stack = [firstInLayer(guardian), ...layer.stack]
    }
  }
  const { register, use, on } = router
  let mayHoldCopies = false
  router.register = ((...args: Parameters<Router['register']>) => {
    const registered = register.apply(router, args)
    guardNewLayers(() => true)
    return registered
  }) as Router['register']
  router.use = ((...args: Parameters<Router['use']>) => {
    const used = use.apply(router, args)
    // A router that is mounted is copied layer by layer, and may be this one.
    mayHoldCopies = true
    guardNewLayers(() => true)
    return used
  }) as Router['use']
  router.on = ((event: Parameters<Router['on']>[0], handler: Handler) =>
    on.call(router, event, guarded(handler, guard))) as Router['on']
  replaceUnmatchedHandlers(router, (handler) => guarded(handler, guard))
  guardNewLayers((layer) => layer.methods.length > 0)
  // A single handler needs no middleware between it and its security. What `router.param` adds later comes between, and
  // whatever others have put there. Nothing is known of copies of the layer, in another router or in this one.
  return (method, path, security, stack, handler) => {
    const last = asHandler(handler)
    const secure: Koa.Middleware = (ctx, next) => {
      const isOurs = ctx['router'] === router && ctx['routerPath'] === layer.path && !mayHoldCopies
      const isNext = isOurs && layer.stack.length === 2 && layer.stack[1] === last
      return security(ctx, isNext ? handler : next) as Promise<void>
    }
    const layer = register.call(router, path, [method], [firstInLayer(secure), ...stack.map(asHandler), last]) as Layer
    settled.add(layer)
  }
}

function asHandler(middleware: Koa.Middleware | Work): Handler {
  return middleware as unknown as Handler
}

/** What a router does for requests that match nothing needs a valid token, too. */
function guarded(handler: Handler, guard: RouteSecurity): Handler {
  const next = handler as unknown as Koa.Middleware
  const middleware: Koa.Middleware = (ctx, later) => guard(ctx, () => next(ctx, later))
  return asHandler(middleware)
}

/** The name of a path parameter that no path can have: between quotes, a name may be any text. */
const NO_PARAMETER = Symbol('security')

/**
 * Keeps a handler at the front of its layer. @koa/router puts what `router.param` adds before the first handler
 * that doesn't belong to a path parameter itself, so this one says that it does.
 */
function firstInLayer(security: Koa.Middleware): Handler {
  return Object.assign(security, { param: NO_PARAMETER }) as unknown as Handler
}

/** Whether a layer has a guard, or brings its own security. */
export function isGuarded({ stack: [first] }: Layer): boolean {
  return (first as { readonly param?: unknown } | undefined)?.param === NO_PARAMETER
}
