import type Koa from 'koa'
import { roleCondition } from '../authorization/role-condition.js'
import type { NonEmpty } from '../authorization/security-decorators.js'
import { requireConditions } from '../context/require-conditions.js'

/** What {@link authorize} asks of a caller; nothing more than a valid token where it is empty. */
export interface RouteRequirement {
  /** Any one of these roles. */
  readonly roles?: NonEmpty<string>
}

/**
 * Guards one plain `@koa/router` route behind `AuthMiddleware`, or behind the container's own router.
 *
 * Where nothing has authenticated the caller, nobody gets through: 401.
 *
 * @throws {TypeError} for an empty list of roles.
 */
export function authorize({ roles }: RouteRequirement = {}): Koa.Middleware {
  const allOf = roles === undefined ? [] : [roleCondition(roles)]
  return (_ctx, next) => {
    requireConditions(allOf)
    return next()
  }
}
