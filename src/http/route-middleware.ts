import type { ServiceIdentifier } from 'inversify'
import type Koa from 'koa'
import type { RouteDescription } from '../controllers/route-table.js'

/** Adds middleware to routes, between security and handler: audit, limits per user. Bind as many as needed. */
export interface RouteMiddleware {
  /** Lower comes first, further out; 0 when absent. */
  readonly order?: number
  /** Middleware for this route, made once at start-up; `undefined` where there is nothing to do. */
  forRoute(route: RouteDescription): Koa.Middleware | undefined
}

export const RouteMiddleware: ServiceIdentifier<RouteMiddleware> = Symbol.for('inversify-koa-auth.RouteMiddleware')
