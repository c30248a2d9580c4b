import { derivedFrom, keepDerived, type VerifiedToken } from '../tokens/verified-token.js'
import { inTime, TimedOut } from './in-time.js'
import { isRoleName } from './is-role-name.js'
import type { Principal } from './principal.js'
import { RoleHierarchy } from './role-hierarchy.js'
import type { RoleResolver } from './role-resolver.js'
import { roleResolverFailure } from './role-resolver-failure.js'

/** What an application's settings say about its callers. */
export interface PrincipalRules {
  readonly hierarchy: RoleHierarchy
  readonly scopeWildcards: boolean
  /** How long a `RoleResolver` may take, in milliseconds. */
  readonly decisionTimeoutMs: number
}

/** What holds where settings say nothing. */
const USUAL_RULES: PrincipalRules = { hierarchy: new RoleHierarchy({}), scopeWildcards: false, decisionTimeoutMs: 5000 }

/**
 * Makes a verified token's holder a principal, with the roles the resolver gives and those that come with them.
 * A list with anything but names of roles in it is no answer, rather than a shorter list.
 *
 * A promise only where the resolver answers with one, or with something that is no answer.
 *
 * @param route method and path pattern, for events
 * @throws {DecisionUnavailableError} when the resolver fails in any way: nobody is somebody without roles instead.
 */
export function principalOf(
  verified: VerifiedToken,
  resolver: RoleResolver,
  rules: PrincipalRules = USUAL_RULES,
  route?: string | undefined,
): Principal | Promise<Principal> {
  let roles: unknown
  try {
    roles = resolver.resolve(verified.claims, verified.rawClaims)
  } catch (error) {
    throw roleResolverFailure('threw', error, route, resolver)
  }
  const holder = Array.isArray(roles) ? principal(verified, roles, rules) : undefined
  return holder ?? settled(verified, roles, resolver, rules, route)
}

async function settled(
  verified: VerifiedToken,
  pending: unknown,
  resolver: RoleResolver,
  rules: PrincipalRules,
  route: string | undefined,
): Promise<Principal> {
  let roles: unknown
  try {
    roles = await inTime(Promise.resolve(pending), rules.decisionTimeoutMs)
  } catch (error) {
    throw roleResolverFailure(error instanceof TimedOut ? 'timed_out' : 'threw', error, route, resolver)
  }
  const holder = Array.isArray(roles) ? principal(verified, roles, rules) : undefined
  if (holder !== undefined) return holder
  const error = new TypeError('RoleResolver.resolve has to return an array of role names, none of them empty')
  throw roleResolverFailure('wrong_type', error, route, resolver)
}

/** A principal, and the roles it was made with before others came along with them. A class; see `KnownToken`. */
class Made {
  constructor(
    readonly given: readonly string[],
    readonly principal: Principal,
  ) {}
}

/** The same roles as last time make the same principal. Nobody, where something among them is no name of a role. */
function principal(
  verified: VerifiedToken,
  resolved: readonly unknown[],
  { hierarchy, scopeWildcards }: PrincipalRules,
): Principal | undefined {
  const last = derivedFrom(verified) as Made | undefined
  if (last !== undefined && areSame(last.given, resolved)) return last.principal
  const given = [...resolved]
  if (!given.every(isRoleName)) return undefined
  const { claims, rawClaims } = verified
  const roles = Object.freeze(hierarchy.complete(Object.freeze(given)))
  const made = new Made(given, new TokenPrincipal(claims, rawClaims, roles, scopeWildcards))
  keepDerived(verified, made)
  return made.principal
}

/** Loops, here and in `decide`: on every request, a closure for each costs more than what it does. */
function areSame(known: readonly string[], resolved: readonly unknown[]): boolean {
  if (known.length !== resolved.length) return false
  for (let i = 0; i < known.length; i++) if (known[i] !== resolved[i]) return false
  return true
}

/** A class for V8's sake; see `KnownToken`. It has every member itself: `Object.prototype` may have been tampered with. */
class TokenPrincipal implements Principal {
  constructor(
    readonly claims: Principal['claims'],
    readonly rawClaims: Principal['rawClaims'],
    readonly roles: Principal['roles'],
    readonly scopeWildcards: boolean,
  ) {
    Object.freeze(this)
  }
}
