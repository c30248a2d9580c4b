import { derivedFrom, keepDerived, type VerifiedToken } from '../tokens/verified-token.js'
import { readsTokensOnly } from './claim-role-resolver.js'
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
    const last = lastMade(verified)
    if (last !== undefined && TokenPrincipal.isStillOf(last, resolver, rules)) return last
    roles = resolver.resolve(verified.claims, verified.rawClaims)
  } catch (error) {
    throw roleResolverFailure('threw', error, route, resolver)
  }
  const holder = Array.isArray(roles) ? principal(verified, roles, resolver, rules) : undefined
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
  const holder = Array.isArray(roles) ? principal(verified, roles, resolver, rules) : undefined
  if (holder !== undefined) return holder
  const error = new TypeError('RoleResolver.resolve has to return an array of role names, none of them empty')
  throw roleResolverFailure('wrong_type', error, route, resolver)
}

/** The same roles under the same rules make the same principal. Nobody, where something among them is no name of a role. */
function principal(
  verified: VerifiedToken,
  resolved: readonly unknown[],
  resolver: RoleResolver,
  rules: PrincipalRules,
): Principal | undefined {
  const last = lastMade(verified)
  if (last !== undefined && TokenPrincipal.isMadeOf(last, resolved, rules)) return last
  const given = [...resolved]
  if (!given.every(isRoleName)) return undefined
  const made = new TokenPrincipal(verified, Object.freeze(given), resolver, rules)
  keepDerived(verified, made)
  return made
}

function lastMade(verified: VerifiedToken): TokenPrincipal | undefined {
  return derivedFrom(verified) as TokenPrincipal | undefined
}

/** Loops, here and in `decide`: on every request, a closure for each costs more than what it does. */
function areSame(known: readonly string[], resolved: readonly unknown[]): boolean {
  if (known.length !== resolved.length) return false
  for (let i = 0; i < known.length; i++) if (known[i] !== resolved[i]) return false
  return true
}

/**
 * A class for V8's sake; see `KnownToken`. It has every member itself: `Object.prototype` may have been tampered with.
 *
 * It knows whose roles it was made of, before others came along with them, and by which rules.
 */
class TokenPrincipal implements Principal {
  readonly claims: Principal['claims']
  readonly rawClaims: Principal['rawClaims']
  readonly roles: Principal['roles']
  readonly scopeWildcards: boolean
  readonly #given: readonly string[]
  readonly #resolver: RoleResolver
  readonly #rules: PrincipalRules

  constructor(
    { claims, rawClaims }: VerifiedToken,
    given: readonly string[],
    resolver: RoleResolver,
    rules: PrincipalRules,
  ) {
    this.claims = claims
    this.rawClaims = rawClaims
    this.roles = Object.freeze(rules.hierarchy.complete(given))
    this.scopeWildcards = rules.scopeWildcards
    this.#given = given
    this.#resolver = resolver
    this.#rules = rules
    Object.freeze(this)
  }

  /** Whether a resolver gave the roles, and would give the same again. */
  static isStillOf(principal: TokenPrincipal, resolver: RoleResolver, rules: PrincipalRules): boolean {
    return principal.#resolver === resolver && principal.#rules === rules && readsTokensOnly(resolver)
  }

  static isMadeOf(principal: TokenPrincipal, roles: readonly unknown[], rules: PrincipalRules): boolean {
    return principal.#rules === rules && areSame(principal.#given, roles)
  }
}
