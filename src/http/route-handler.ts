import type Koa from 'koa'
import { bindParameters, type RouteContext } from '../controllers/bind-parameters.js'
import type { ControllerRoute } from '../controllers/controller-routes.js'
import { respond } from '../controllers/respond.js'
import type { ServiceResolver } from './service-resolver.js'

type Controller = Readonly<Record<string | symbol, (...args: unknown[]) => unknown>>

/** Middleware that binds a method's parameters, calls it on its controller and responds with what it returns. */
export function routeHandler(
  { handlerKey, parameters, status }: ControllerRoute,
  controller: ServiceResolver<object>,
  bodyLimitBytes: number,
): Koa.Middleware {
  const bind = bindParameters(parameters, bodyLimitBytes)
  return async (ctx) => {
    const args = await bind(ctx as unknown as RouteContext)
    const instance = (await controller.resolve()) as Controller
    respond(ctx, await instance[handlerKey]?.(...args), status)
  }
}
