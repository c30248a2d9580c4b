import type Router from '@koa/router'
import type Koa from 'koa'

type Layer = Router['stack'][number]

/** Adds a route as it is. */
export type AddRoute = (method: string, path: string, stack: readonly Koa.Middleware[]) => void

/**
 * Gives every route that is added to a router by other hands than ours, now or later, a guard of its own:
 * no route is open just because it isn't a controller's.
 *
 * @returns how to add a route whose stack brings its own security
 */
export function secureRouter(router: Router, guard: Koa.Middleware): AddRoute {
  const settled = new WeakSet<Layer>()
  const guardNewLayers = (): void => {
    for (const layer of router.stack) {
      if (settled.has(layer)) continue
      settled.add(layer)
      if (layer.methods.length > 0) layer.stack = [guard as Layer['stack'][number], ...layer.stack]
    }
  }
  const { register, use } = router
  router.register = ((...args: Parameters<Router['register']>) => {
    const registered = register.apply(router, args)
    guardNewLayers()
    return registered
  }) as Router['register']
  router.use = ((...args: Parameters<Router['use']>) => {
    const used = use.apply(router, args)
    guardNewLayers()
    return used
  }) as Router['use']
  guardNewLayers()
  return (method, path, stack) => {
    settled.add(register.call(router, path, [method], stack as unknown as Layer['stack']) as Layer)
  }
}
