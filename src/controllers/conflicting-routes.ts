import type { ConfigurationProblem } from '../errors/auth-configuration-error.js'
import { pathShape } from './route-path.js'
import type { RouteDescription } from './route-table.js'

/** Routes with the same method and path: the second would never be called. */
export function conflictingRoutes(routes: readonly RouteDescription[]): readonly ConfigurationProblem[] {
  const first = new Map<string, RouteDescription>()
  return routes.flatMap((route) => {
    const shape = `${route.method} ${pathShape(route.path)}`
    const rival = first.get(shape)
    if (rival === undefined) {
      first.set(shape, route)
      return []
    }
    const message = `${route.method} ${route.path} is taken by ${rival.controller}.${rival.handler} (${rival.path})`
    return [{ where: `${route.controller}.${route.handler}`, message }]
  })
}
