import Router from '@koa/router'
import { registrationOrder } from './registration-order.js'
import type { RouteDescription } from './route-table.js'

/**
 * The route that would answer a request, as @koa/router finds it: of several that match, the first to be registered.
 *
 * @param path as a client sends it, without the query; or, to the letter, as the route is declared
 */
export function matchingRoute(
  routes: readonly RouteDescription[],
  method: string,
  path: string,
): RouteDescription | undefined {
  const declared = routes.find((route) => route.method === method && route.path === path)
  if (declared !== undefined) return declared
  const router = new Router()
  const layers = new Map(
    registrationOrder(routes, (route) => route).map((route) => [
      router.register(route.path, [route.method], [async () => undefined]),
      route,
    ]),
  )
  const [first] = router.match(path, method).pathAndMethod.filter(({ methods }) => methods.length > 0)
  return first && layers.get(first)
}
