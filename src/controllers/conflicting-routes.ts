import type { ConfigurationProblem } from '../errors/auth-configuration-error.js'
import { pathShape } from './route-path.js'
import type { RouteDescription } from './route-table.js'
import { unreachableRoutes } from './unreachable-routes.js'

/** Routes that would never be called: those with the method and path of an earlier one, and those it answers as well. */
export function conflictingRoutes(routes: readonly RouteDescription[]): readonly ConfigurationProblem[] {
  const first = new Map<string, RouteDescription>()
  const repeated = routes.flatMap((route) => {
    const shape = `${route.method} ${pathShape(route.path)}`
    const rival = first.get(shape)
    if (rival === undefined) {
      first.set(shape, route)
      return []
    }
    const message = `${route.method} ${route.path} is taken by ${rival.controller}.${rival.handler} (${rival.path})`
    return [{ where: `${route.controller}.${route.handler}`, message }]
  })
  return [...repeated, ...unreachableRoutes([...first.values()])]
}
