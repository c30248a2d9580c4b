import type { RoleCondition } from './requirement.js'

/**
 * A condition that any one of `roles` meets.
 *
 * @throws {TypeError} without roles, or with one that isn't a non-empty string.
 */
export function roleCondition(roles: readonly string[]): RoleCondition {
  if (!Array.isArray(roles)) throw new TypeError('roles have to be a list')
  if (roles.length === 0) throw new TypeError('at least one role is needed: an empty list would let nobody in')
  if (!roles.every((role) => typeof role === 'string' && role !== '')) {
    throw new TypeError('every role has to be a non-empty string')
  }
  return Object.freeze({ kind: 'role', anyOf: Object.freeze([...new Set(roles)].sort()) })
}
