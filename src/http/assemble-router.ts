import type Router from '@koa/router'
import type { Newable, ResolutionContext } from 'inversify'
import type Koa from 'koa'
import { ANY_VALID_TOKEN } from '../authorization/requirement.js'
import { AuthClientSettings } from '../config/auth-client-settings.js'
import { registrationOrder } from '../controllers/registration-order.js'
import type { RouteDescription } from '../controllers/route-table.js'
import { AuthConfigurationError } from '../errors/auth-configuration-error.js'
import { Authenticator } from './authenticator.js'
import { byOrder } from './by-order.js'
import { ControllerGroup } from './controller-group.js'
import { markControllersLayers } from './plain-routes.js'
import { Policies } from './policies.js'
import { routeHandler } from './route-handler.js'
import { indexRoutes } from './route-index.js'
import { RouteMiddleware } from './route-middleware.js'
import { routeSecurity } from './route-security.js'
import { secureRouter } from './secure-router.js'
import { type ServiceResolver, serviceResolver } from './service-resolver.js'

/**
 * Adds every controller route to the router, each with its own compiled stack: security, route middleware, handler.
 *
 * Called by the container when the router is first asked for.
 *
 * @throws {AuthConfigurationError} for a router with a prefix, an exclusive one or one that hides what it has, and for
 * policies that can't be resolved.
 */
export function assembleRouter(context: ResolutionContext, router: Router): Router {
  assertUsual(router)
  const authenticator = context.get(Authenticator)
  const middlewares = byOrder(context.getAll(RouteMiddleware, { optional: true }))
  const policies = new Policies(context, context.get(AuthClientSettings).decisionTimeoutMs)
  const controllers = new Map<Newable, ServiceResolver<object>>()
  const before = new Set(router.stack)
  const add = secureRouter(router, routeSecurity(ANY_VALID_TOKEN, authenticator))

  const groups = context.getAll(ControllerGroup)
  const routes = groups.flatMap(({ routes, bodyLimitBytes }) => routes.map((route) => ({ route, bodyLimitBytes })))
  assertResolvable(
    routes.map(({ route }) => route.description),
    policies,
  )
  for (const { route, bodyLimitBytes } of registrationOrder(routes, ({ route }) => route.description)) {
    const { controllerClass, method, path, requirement } = route.description
    const controller =
      controllers.get(controllerClass) ?? serviceResolver<object>(context, controllerClass as Newable<object>)
    controllers.set(controllerClass, controller)
    const security = routeSecurity(requirement, authenticator, `${method} ${path}`, policies)
    const handler = routeHandler(route, controller, bodyLimitBytes)
    add(method, path, security, forRoute(middlewares, route.description), handler)
  }
  markControllersLayers(router.stack.filter((layer) => !before.has(layer)))
  indexRoutes(router)
  assembled.add(router)
  return router
}

/** Whether {@link assembleRouter} has been at work on a router. */
export function isAssembled(router: Router): boolean {
  return assembled.has(router)
}

const assembled = new WeakSet<Router>()

/** Routes would be served elsewhere, or others would answer, than `RouteTable` says. */
function assertUsual({ opts: { prefix, exclusive } }: Router): void {
  const problems = [
    ...(prefix ? ['has a prefix of its own; say it in @Controller instead'] : []),
    ...(exclusive ? ['is exclusive: of several routes that match, another than the first would answer'] : []),
  ]
  if (problems.length === 0) return
  throw new AuthConfigurationError(problems.map((message) => ({ where: 'Router', message })))
}

function assertResolvable(routes: readonly RouteDescription[], policies: Policies): void {
  const problems = routes.flatMap(({ requirement, controller, handler }) =>
    policies.problems(requirement, `${controller}.${handler}`),
  )
  if (problems.length > 0) throw new AuthConfigurationError(problems)
}

function forRoute(middlewares: readonly RouteMiddleware[], route: RouteDescription): readonly Koa.Middleware[] {
  return middlewares.flatMap((middleware) => middleware.forRoute(route) ?? [])
}
