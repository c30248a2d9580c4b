import type { Bind, BindingActivation, IsBound, ServiceIdentifier } from 'inversify'
import { AuthConfigurationError } from '../errors/auth-configuration-error.js'

/** Bound once the routes of an application have been read. */
const SETTLED: ServiceIdentifier<true> = Symbol.for('inversify-koa-auth.SettledRoutes')

/** Notes, when one of those who read the routes is there, that no module adds to them any more. */
export function settled(bind: Bind, isBound: IsBound): BindingActivation<unknown> {
  return (_context, reader) => {
    if (!isBound(SETTLED)) bind(SETTLED).toConstantValue(true)
    return reader
  }
}

/** @throws {AuthConfigurationError} when a module comes too late for its routes to exist. */
export function assertUnsettled(isBound: IsBound, module: string): void {
  if (!isBound(SETTLED)) return
  const message =
    'is loaded too late: the routes have been read already, by container.get(Koa) or for RouteTable; load it before'
  throw new AuthConfigurationError([{ where: module, message }])
}
