import { checkedCondition, group, type NonEmpty, permission, role, scope } from './condition.js'
import { declare, type SecurityDecorator } from './declarations.js'
import { assertParentheses } from './decorator-parentheses.js'
import type { Condition } from './requirement.js'

/**
 * Lets anyone in and skips token validation: the context stays empty even when a token is sent.
 *
 * On a method it opens that one method of a restricted class. It is never inherited.
 */
export function AllowAnonymous(): SecurityDecorator
export function AllowAnonymous(...given: readonly unknown[]): SecurityDecorator {
  assertParentheses('@AllowAnonymous()', given)
  return declare('@AllowAnonymous', () => ({ kind: 'anonymous', decorator: '@AllowAnonymous' }))
}

/**
 * Lets callers without a token in, and knows those who send one. A bad token is refused, not ignored.
 *
 * On a method it opens that one method of a restricted class. It is never inherited.
 */
export function OptionalAuthentication(): SecurityDecorator
export function OptionalAuthentication(...given: readonly unknown[]): SecurityDecorator {
  assertParentheses('@OptionalAuthentication()', given)
  return declare('@OptionalAuthentication', () => ({ kind: 'optional', decorator: '@OptionalAuthentication' }))
}

/** Any valid token: the default, said aloud. On a method it closes that one method of an open class. */
export function Authenticated(): SecurityDecorator
export function Authenticated(...given: readonly unknown[]): SecurityDecorator {
  assertParentheses('@Authenticated()', given)
  return declare('@Authenticated', () => ({ kind: 'authenticated', decorator: '@Authenticated' }))
}

/**
 * Lets in holders of any of `roles`. A method can narrow its class, never widen it.
 *
 * @throws {TypeError} without roles, or with an empty one.
 */
export function RequiresRole(...roles: NonEmpty<string>): SecurityDecorator {
  assertParentheses("@RequiresRole('admin')", roles)
  return declare('@RequiresRole', () => ({ kind: 'condition', decorator: '@RequiresRole', condition: role(...roles) }))
}

/**
 * Lets in members of any of `groups`. A method can narrow its class, never widen it.
 *
 * @throws {TypeError} without groups, or with an empty one.
 */
export function RequiresGroup(...groups: NonEmpty<string>): SecurityDecorator {
  assertParentheses("@RequiresGroup('staff')", groups)
  return declare('@RequiresGroup', () => ({
    kind: 'condition',
    decorator: '@RequiresGroup',
    condition: group(...groups),
  }))
}

/**
 * Lets in tokens that were granted any of `scopes`. For all of them, use several decorators.
 *
 * Scopes match exactly (RFC 6749, section 3.3), unless `scope_wildcards` is set.
 *
 * @throws {TypeError} without scopes, or with one that breaks the grammar of RFC 6749, section 3.3.
 */
export function RequiresScope(...scopes: NonEmpty<string>): SecurityDecorator {
  assertParentheses("@RequiresScope('orders:read')", scopes)
  return declare('@RequiresScope', () => ({
    kind: 'condition',
    decorator: '@RequiresScope',
    condition: scope(...scopes),
  }))
}

/**
 * Lets in holders of any of `permissions`. A method can narrow its class, never widen it.
 *
 * @throws {TypeError} without permissions, or with an empty one.
 */
export function RequiresPermission(...permissions: NonEmpty<string>): SecurityDecorator {
  assertParentheses("@RequiresPermission('orders.read')", permissions)
  return declare('@RequiresPermission', () => ({
    kind: 'condition',
    decorator: '@RequiresPermission',
    condition: permission(...permissions),
  }))
}

/**
 * Lets in callers who meet a condition put together from others.
 *
 * @throws {TypeError} for something else than a condition.
 *
 * @example
 * ```ts
 * import { allOf, anyOf, Controller, group, Post, Requires, role, scope } from 'inversify-koa-auth'
 *
 * @Controller('/orders')
 * export class OrderController {
 *   @Post('/:id/refund')
 *   @Requires(anyOf(role('admin'), allOf(scope('orders:write'), group('ops'))))
 *   refund() {
 *     return { refunded: true }
 *   }
 * }
 * ```
 */
export function Requires(condition: Condition): SecurityDecorator {
  assertParentheses("@Requires(role('admin'))", [condition])
  return declare('@Requires', () => ({
    kind: 'condition',
    decorator: '@Requires',
    condition: checkedCondition(condition),
  }))
}
