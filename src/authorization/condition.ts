import { attributeCondition } from './attribute-condition.js'
import type { AllOfCondition, AnyOfCondition, AttributeCondition, Condition, NotCondition } from './requirement.js'

/** A list that isn't empty: `@RequiresRole()` doesn't compile. */
export type NonEmpty<Item> = readonly [Item, ...Item[]]

/**
 * Any one of these roles, for {@link Requires} and `authorize`.
 *
 * @throws {TypeError} without roles, or with an empty one.
 */
export function role(...anyOf: NonEmpty<string>): AttributeCondition {
  return attributeCondition('role', anyOf)
}

/**
 * Any one of these groups, for {@link Requires} and `authorize`.
 *
 * @throws {TypeError} without groups, or with an empty one.
 */
export function group(...anyOf: NonEmpty<string>): AttributeCondition {
  return attributeCondition('group', anyOf)
}

/**
 * Any one of these scopes, for {@link Requires} and `authorize`.
 *
 * @throws {TypeError} without scopes, or with one that breaks the grammar of RFC 6749, section 3.3.
 */
export function scope(...anyOf: NonEmpty<string>): AttributeCondition {
  return attributeCondition('scope', anyOf)
}

/**
 * Any one of these permissions, for {@link Requires} and `authorize`.
 *
 * @throws {TypeError} without permissions, or with an empty one.
 */
export function permission(...anyOf: NonEmpty<string>): AttributeCondition {
  return attributeCondition('permission', anyOf)
}

/**
 * Every one of these conditions.
 *
 * @throws {TypeError} without conditions, or with something else among them.
 */
export function allOf(...conditions: NonEmpty<Condition>): AllOfCondition {
  return Object.freeze({ kind: 'allOf', of: checkedConditions('allOf', conditions) })
}

/**
 * Any one of these conditions. They are asked in the order given, and no further than the first that is met.
 *
 * @throws {TypeError} without conditions, or with something else among them.
 */
export function anyOf(...conditions: NonEmpty<Condition>): AnyOfCondition {
  return Object.freeze({ kind: 'anyOf', of: checkedConditions('anyOf', conditions) })
}

/**
 * Anybody signed in who doesn't meet this condition. Whether it is met has to be known: a policy that fails lets
 * nobody in, here neither.
 *
 * @throws {TypeError} for something else than a condition.
 */
export function not(condition: Condition): NotCondition {
  return Object.freeze({ kind: 'not', of: checkedCondition(condition) })
}

/**
 * A copy of what may be a condition, in full.
 *
 * @throws {TypeError} for something else, at any depth.
 */
export function checkedCondition(candidate: unknown): Condition {
  const { kind, anyOf: values, of } = Object(candidate ?? {}) as Partial<Record<'kind' | 'anyOf' | 'of', unknown>>
  switch (kind) {
    case 'role':
    case 'group':
    case 'scope':
    case 'permission':
      return attributeCondition(kind, values as readonly string[])
    case 'policy':
      return Object.freeze({ kind, anyOf: policyClasses(values) })
    case 'allOf':
    case 'anyOf':
      return Object.freeze({ kind, of: checkedConditions(kind, of) })
    case 'not':
      return Object.freeze({ kind, of: checkedCondition(of) })
    default:
      throw new TypeError('a condition is made by role, group, scope, permission, policy, allOf, anyOf or not')
  }
}

function checkedConditions(kind: 'allOf' | 'anyOf', candidates: unknown): readonly Condition[] {
  if (!Array.isArray(candidates)) throw new TypeError(`${kind} takes conditions`)
  if (candidates.length === 0) throw new TypeError(`${kind} needs at least one condition`)
  return Object.freeze(candidates.map(checkedCondition))
}

type PolicyClasses = Extract<Condition, { kind: 'policy' }>['anyOf']

/**
 * The classes as a list of which any one is enough.
 *
 * @throws {TypeError} without classes, or with something else than a class.
 */
export function policyClasses(candidates: unknown): PolicyClasses {
  if (!Array.isArray(candidates)) throw new TypeError('policies have to be a list')
  if (candidates.length === 0) throw new TypeError('at least one policy is needed: an empty list would let nobody in')
  for (const candidate of candidates) {
    if (typeof candidate !== 'function' || candidate.prototype === undefined) {
      throw new TypeError('every policy has to be a class; undefined is what a circular import looks like')
    }
  }
  return Object.freeze([...new Set(candidates)])
}
