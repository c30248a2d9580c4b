import type Koa from 'koa'
import type { Condition } from '../authorization/requirement.js'
import { roleCondition } from '../authorization/role-condition.js'
import type { NonEmpty } from '../authorization/security-decorators.js'
import { requireConditions } from '../context/require-conditions.js'

/** What {@link authorize} asks of a caller. */
export interface RouteRequirement {
  /** Any one of these roles. */
  readonly roles: NonEmpty<string>
}

/**
 * Guards one plain `@koa/router` route behind `AuthMiddleware`, or behind the container's own router.
 * Without a requirement it asks for any valid token.
 *
 * Where nothing has authenticated the caller, nobody gets through: 401.
 *
 * @throws {TypeError} for a requirement that asks for nothing, or for something unknown.
 */
export function authorize(requirement?: RouteRequirement): Koa.Middleware {
  const allOf = requirement === undefined ? [] : conditions(requirement)
  return (_ctx, next) => {
    requireConditions(allOf)
    return next()
  }
}

/** A requirement whose roles got lost on the way must not come to mean "anybody with a token". */
function conditions(requirement: RouteRequirement): readonly Condition[] {
  const { roles, ...unknown } = requirement as Partial<RouteRequirement>
  const [name] = Object.keys(unknown)
  if (name !== undefined) throw new TypeError(`authorize does not know ${name}; it takes { roles: [...] }`)
  if (roles === undefined)
    throw new TypeError('authorize was given a requirement without roles; for any valid token give none')
  return [roleCondition(roles)]
}
