import type Router from '@koa/router'
import type Koa from 'koa'

type Layer = Router['stack'][number]
type Handler = Layer['stack'][number]

/** Adds a route whose first handler is its own security. */
export type AddRoute = (method: string, path: string, stack: readonly [Koa.Middleware, ...Koa.Middleware[]]) => void

/**
 * Gives every route and middleware that is added to a router by other hands than ours, now or later, a guard of
 * its own: nothing is open just because it isn't a controller's.
 *
 * Middleware that is there already runs ahead of all routes, anonymous ones too, and stays as it is.
 *
 * @returns how to add a route that brings its own security
 */
export function secureRouter(router: Router, guard: Koa.Middleware): AddRoute {
  const settled = new WeakSet<Layer>()
  const guardNewLayers = (isToBeGuarded: (layer: Layer) => boolean): void => {
    for (const layer of router.stack) {
      if (settled.has(layer)) continue
      settled.add(layer)
      if (isToBeGuarded(layer)) layer.stack = [firstInLayer(guard), ...layer.stack]
    }
  }
  const { register, use, on } = router
  router.register = ((...args: Parameters<Router['register']>) => {
    const registered = register.apply(router, args)
    guardNewLayers(() => true)
    return registered
  }) as Router['register']
  router.use = ((...args: Parameters<Router['use']>) => {
    const used = use.apply(router, args)
    guardNewLayers(() => true)
    return used
  }) as Router['use']
  router.on = ((event: Parameters<Router['on']>[0], handler: Handler) =>
    on.call(router, event, guarded(handler, guard))) as Router['on']
  guardNewLayers((layer) => layer.methods.length > 0)
  return (method, path, [security, ...stack]) => {
    const handlers = [firstInLayer(security), ...(stack as unknown as Handler[])]
    settled.add(register.call(router, path, [method], handlers) as Layer)
  }
}

/** What a router does for requests that match nothing needs a valid token, too. */
function guarded(handler: Handler, guard: Koa.Middleware): Handler {
  const next = handler as unknown as Koa.Middleware
  const middleware: Koa.Middleware = (ctx, later) => guard(ctx, () => Promise.resolve(next(ctx, later)))
  return middleware as unknown as Handler
}

/**
 * Keeps a handler at the front of its layer. @koa/router puts what `router.param` adds before the first handler
 * that doesn't belong to a path parameter itself, so this one says that it does: to one that no path can have.
 */
function firstInLayer(security: Koa.Middleware): Handler {
  return Object.assign(security, { param: ':security' }) as unknown as Handler
}
