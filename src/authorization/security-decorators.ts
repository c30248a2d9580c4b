import { declare, type SecurityDecorator } from './declarations.js'
import { roleCondition } from './role-condition.js'

/** A list that isn't empty: `@RequiresRole()` doesn't compile. */
export type NonEmpty<Item> = readonly [Item, ...Item[]]

/**
 * Lets anyone in and skips token validation: the context stays empty even when a token is sent.
 *
 * On a method it opens that one method of a restricted class. It is never inherited.
 */
export function AllowAnonymous(): SecurityDecorator {
  return declare({ kind: 'anonymous', decorator: '@AllowAnonymous' })
}

/**
 * Lets callers without a token in, and knows those who send one. A bad token is refused, not ignored.
 *
 * On a method it opens that one method of a restricted class. It is never inherited.
 */
export function OptionalAuthentication(): SecurityDecorator {
  return declare({ kind: 'optional', decorator: '@OptionalAuthentication' })
}

/** Any valid token: the default, said aloud. On a method it closes that one method of an open class. */
export function Authenticated(): SecurityDecorator {
  return declare({ kind: 'authenticated', decorator: '@Authenticated' })
}

/**
 * Lets in holders of any of `roles`. A method can narrow its class, never widen it.
 *
 * @throws {TypeError} without roles, or with an empty one.
 */
export function RequiresRole(...roles: NonEmpty<string>): SecurityDecorator {
  return declare({ kind: 'condition', decorator: '@RequiresRole', condition: roleCondition(roles) })
}
