import type Koa from 'koa'
import { bindParameters, type RouteContext } from '../controllers/bind-parameters.js'
import type { ControllerRoute } from '../controllers/controller-routes.js'
import { respond } from '../controllers/respond.js'
import type { ServiceResolver } from './service-resolver.js'
import type { Work } from './within-scope.js'

type Method = (...args: unknown[]) => unknown

/**
 * Middleware that binds a method's parameters, calls it on its controller and responds with what it returns.
 *
 * Nothing is awaited that is there already: with a security context, each promise costs more than it seems.
 */
export function routeHandler(
  { handlerKey, parameters, status }: ControllerRoute,
  controller: ServiceResolver<object>,
  bodyLimitBytes: number,
): Work {
  const bind = bindParameters(parameters, bodyLimitBytes)
  const call = (instance: object, args: unknown[]): unknown =>
    (instance[handlerKey as keyof typeof instance] as Method)(...args)
  return (ctx): void | Promise<void> => {
    const args = bind(ctx as unknown as RouteContext)
    const instance = args instanceof Promise ? undefined : controller.resolve()
    if (args instanceof Promise || instance instanceof Promise || instance === undefined) {
      return callLater(ctx, args, instance)
    }
    const value = call(instance, args)
    if (isThenable(value)) return respondLater(ctx, value)
    return respond(ctx, value, status)
  }

  async function callLater(
    ctx: Koa.Context,
    args: unknown[] | Promise<unknown[]>,
    instance: object | Promise<object> | undefined,
  ): Promise<void> {
    const values = await args
    return respondLater(ctx, call(await (instance ?? controller.resolve()), values))
  }

  async function respondLater(ctx: Koa.Context, value: unknown): Promise<void> {
    respond(ctx, await value, status)
  }
}

function isThenable(value: unknown): boolean {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function'
}
