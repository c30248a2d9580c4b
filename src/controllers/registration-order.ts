import { pathShape } from './route-path.js'
import type { RouteDescription } from './route-table.js'

/**
 * The order in which routes go to the router, where the first match answers: as they were written, except that
 * a HEAD route goes right before the GET of the same path, which would answer HEAD as well.
 */
export function registrationOrder<Route>(
  routes: readonly Route[],
  describe: (route: Route) => RouteDescription,
): readonly Route[] {
  if (routes.every((route) => describe(route).method !== 'HEAD')) return routes
  const positions = new Map(routes.map((route, position) => [keyOf(describe(route)), position]))
  const position = (route: Route, index: number): number => {
    const { method, path } = describe(route)
    const get = method === 'HEAD' ? positions.get(keyOf({ method: 'GET', path })) : undefined
    return get === undefined ? index : Math.min(index, get - 0.5)
  }
  return routes
    .map((route, index) => ({ route, position: position(route, index) }))
    .sort((a, b) => a.position - b.position)
    .map(({ route }) => route)
}

function keyOf({ method, path }: Pick<RouteDescription, 'method' | 'path'>): string {
  return `${method} ${pathShape(path)}`
}
