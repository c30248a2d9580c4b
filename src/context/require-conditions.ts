import type { Principal } from '../authorization/principal.js'
import { scopesIn } from '../authorization/refusal.js'
import type { Condition } from '../authorization/requirement.js'
import { MissingTokenError } from '../errors/missing-token-error.js'
import { assertMeets } from './assert-meets.js'
import { currentScope } from './security-scope.js'

/**
 * The caller.
 *
 * @param allOf what the caller will have to meet, for the challenge
 * @throws {MissingTokenError} when nobody is signed in.
 */
export function requirePrincipal(allOf: readonly Condition[] = []): Principal {
  const principal = currentScope()?.principal
  if (principal === undefined) throw new MissingTokenError({ scopes: scopesIn(allOf) })
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
  assertMeets(requirePrincipal(allOf), allOf, currentScope()?.route)
}
