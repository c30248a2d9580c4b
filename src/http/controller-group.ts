import type { ServiceIdentifier } from 'inversify'
import type { ControllerRoute } from '../controllers/controller-routes.js'

/** The controllers of one module. */
export interface ControllerGroup {
  readonly routes: readonly ControllerRoute[]
  readonly bodyLimitBytes: number
}

/** @internal One for each loaded module. */
export const ControllerGroup: ServiceIdentifier<ControllerGroup> = Symbol.for('inversify-koa-auth.ControllerGroup')
