import type Koa from 'koa'
import { attributeCondition } from '../authorization/attribute-condition.js'
import { checkedCondition, type NonEmpty } from '../authorization/condition.js'
import { policiesIn } from '../authorization/policies-in.js'
import type { AttributeKind, Condition } from '../authorization/requirement.js'
import { requireConditions } from '../context/require-conditions.js'

/** What {@link authorize} asks of a caller: of each list any one, and of every list one. */
export interface RouteRequirement {
  readonly roles?: NonEmpty<string>
  readonly groups?: NonEmpty<string>
  readonly scopes?: NonEmpty<string>
  readonly permissions?: NonEmpty<string>
}

const KINDS = {
  roles: 'role',
  groups: 'group',
  scopes: 'scope',
  permissions: 'permission',
} as const satisfies Readonly<Record<keyof RouteRequirement, AttributeKind>>

/**
 * Guards one plain `@koa/router` route behind `AuthMiddleware`, or behind the container's own router.
 * Without a requirement it asks for any valid token.
 *
 * Where nothing has authenticated the caller, nobody gets through: 401. Policies need a controller: the container
 * that resolves them is out of reach here.
 *
 * @throws {TypeError} for a requirement that asks for nothing, for something unknown, or for a policy.
 *
 * @example
 * ```ts
 * import Router from '@koa/router'
 * import { anyOf, authorize, role, scope } from 'inversify-koa-auth'
 *
 * export const router = new Router()
 * const answer = (ctx: { body: unknown }) => {
 *   ctx.body = 'done'
 * }
 * router.post('/reports', authorize({ roles: ['analyst', 'admin'], scopes: ['reports:write'] }), answer)
 * router.get('/reports', authorize(anyOf(role('admin'), scope('reports:read'))), answer)
 * ```
 */
export function authorize(requirement?: RouteRequirement | Condition): Koa.Middleware {
  const allOf = requirement === undefined ? [] : conditions(requirement)
  if (policiesIn({ access: 'authenticated', allOf }).length > 0) {
    throw new TypeError('authorize can not ask policies; use @RequiresPolicy on a controller')
  }
  return (_ctx, next) => {
    requireConditions(allOf)
    return next()
  }
}

/** A requirement whose roles got lost on the way must not come to mean "anybody with a token". */
function conditions(requirement: RouteRequirement | Condition): readonly Condition[] {
  if (requirement !== null && typeof requirement === 'object' && 'kind' in requirement) {
    return [checkedCondition(requirement)]
  }
  const lists = Object.entries(requirement ?? {})
  if (lists.length === 0) {
    throw new TypeError('authorize was given a requirement that asks for nothing; for any valid token give none')
  }
  return lists.map(([name, names]) => {
    if (!Object.hasOwn(KINDS, name)) {
      throw new TypeError(`authorize does not know ${name}; it takes ${Object.keys(KINDS).join(', ')} or a condition`)
    }
    if (!Array.isArray(names)) throw new TypeError(`authorize was given ${name} that are no list`)
    return attributeCondition(KINDS[name as keyof typeof KINDS], names)
  })
}
