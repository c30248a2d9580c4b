import type { Principal } from '../authorization/principal.js'
import type { Condition } from '../authorization/requirement.js'
import { MissingTokenError } from '../errors/missing-token-error.js'
import { assertMeets } from './assert-meets.js'
import { currentScope } from './security-scope.js'

/**
 * The caller.
 *
 * @throws {MissingTokenError} when nobody is signed in.
 */
export function requirePrincipal(): Principal {
  const principal = currentScope()?.principal
  if (principal === undefined) throw new MissingTokenError()
  return principal
}

/**
 * Goes on only for a caller who meets every condition, or where security is switched off.
 *
 * @throws {MissingTokenError} when nobody is signed in.
 * @throws {InsufficientPermissionsError} naming every condition that isn't met.
 */
export function requireConditions(allOf: readonly Condition[]): void {
  if (currentScope()?.enforced === false) return
  assertMeets(requirePrincipal(), allOf, currentScope()?.route)
}
