import Router from '@koa/router'
import type { ConfigurationProblem } from '../errors/auth-configuration-error.js'
import { registrationOrder } from './registration-order.js'
import type { RouteDescription } from './route-table.js'

/** A route whose path stands for many, and the text that all of them begin with, in lower case. */
interface Earlier {
  readonly route: RouteDescription
  readonly beginning: string
}

/**
 * Routes that would never be called, because an earlier one answers every request for them: `/me` after `/:id`.
 *
 * The router itself is asked, about paths that stand for one request. What others stand for can't be told for certain.
 */
export function unreachableRoutes(routes: readonly RouteDescription[]): readonly ConfigurationProblem[] {
  const earlier: Earlier[] = []
  return registrationOrder(routes, (route) => route).flatMap((route) => {
    const { method, path, controller, handler } = route
    if (isVariable(path)) {
      earlier.push({ route, beginning: plainBeginning(path) })
      return []
    }
    const only = path.replace(/\\(.)/g, '$1')
    const rival = earlier.find(
      (each) => only.toLowerCase().startsWith(each.beginning) && answers(each.route, only, method),
    )
    if (rival === undefined) return []
    const taker = `${rival.route.controller}.${rival.route.handler} (${rival.route.path})`
    const message = `${method} ${path} is taken by ${taker}, which comes before it; write this one first`
    return [{ where: `${controller}.${handler}`, message }]
  })
}

/** Whether a path has a parameter, a wildcard or an optional part. */
function isVariable(path: string): boolean {
  return /[:*{]/.test(path.replace(/\\./g, ''))
}

/** Compiling an expression for every route would take longer than the rest of the start. */
function plainBeginning(path: string): string {
  return (/^[^:*{\\]*/.exec(path)?.[0] ?? '').replace(/\/$/, '').toLowerCase()
}

/** Paths that the router doesn't understand are a problem of their own. */
function answers(route: RouteDescription, path: string, method: string): boolean {
  try {
    const router = new Router()
    router.register(route.path, [route.method], () => undefined)
    return router.match(path, method).route
  } catch {
    return false
  }
}
