import type { Newable, ServiceIdentifier } from 'inversify'
import type { Requirement } from '../authorization/requirement.js'
import type { RouteMethod } from './controller-metadata.js'

/** One route, and who may call it. */
export interface RouteDescription {
  readonly method: RouteMethod
  /** The full path in @koa/router's notation: `/tasks/:id`. */
  readonly path: string
  /** The controller's class name. */
  readonly controller: string
  /** The controller's method name. */
  readonly handler: string
  readonly controllerClass: Newable
  /** Who may call, compiled from every decorator that counts. */
  readonly requirement: Requirement
  /** Whether a security decorator says so, or the default applies. */
  readonly explicit: boolean
  /** The requirement in one line: "anyone", "any valid token", "role admin or manager". */
  readonly sentence: string
}

/** Every controller route of the application. Injectable: `container.get(RouteTable)`. */
export class RouteTable {
  constructor(readonly routes: readonly RouteDescription[]) {
    Object.freeze(this)
  }
}

/** @internal The same table, for those who have another copy of this package: the command, foremost. */
export const SHARED_ROUTE_TABLE: ServiceIdentifier<RouteTable> = Symbol.for('inversify-koa-auth.RouteTable')
