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
  let holder: Principal | undefined
  try {
    const { resolve } = resolver
    const source = readsTokensOnly(resolve) ? resolver : undefined
    const last = lastMade(verified)
    if (source !== undefined && last !== undefined && TokenPrincipal.isStillOf(last, source, rules)) return last
    roles = resolve.call(resolver, verified.claims, verified.rawClaims)
    holder = principal(verified, roles, rules, source)
  } catch (error) {
    throw roleResolverFailure('threw', error, route, resolver)
  }
  return holder ?? settled(verified, roles, resolver, rules, route)
}

async function settled(
  verified: VerifiedToken,
  pending: unknown,
  resolver: RoleResolver,
  rules: PrincipalRules,
  route: string | undefined,
): Promise<Principal> {
  let holder: Principal | undefined
  try {
    holder = principal(verified, await inTime(Promise.resolve(pending), rules.decisionTimeoutMs), rules)
  } catch (error) {
    throw roleResolverFailure(error instanceof TimedOut ? 'timed_out' : 'threw', error, route, resolver)
  }
  if (holder !== undefined) return holder
  const error = new TypeError('RoleResolver.resolve has to return an array of role names, none of them empty')
  throw roleResolverFailure('wrong_type', error, route, resolver)
}

/**
 * The same roles under the same rules make the same principal. Nobody, where there is no list, or something in it is
 * no name of a role.
 *
 * @param source who gave the roles, where it would always give the same
 */
function principal(
  verified: VerifiedToken,
  resolved: unknown,
  rules: PrincipalRules,
  source?: RoleResolver | undefined,
): Principal | undefined {
  if (!Array.isArray(resolved)) return undefined
  const last = lastMade(verified)
  if (last !== undefined && TokenPrincipal.isMadeOf(last, resolved, rules)) return last
  const given: readonly unknown[] = [...resolved]
  if (!given.every(isRoleName)) return undefined
  const made = new TokenPrincipal(verified, Object.freeze(given), rules, source)
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
 * It knows which roles it was made of, before others came along with them, by which rules, and who would give the same
 * roles again without being asked.
 */
class TokenPrincipal implements Principal {
  readonly claims: Principal['claims']
  readonly rawClaims: Principal['rawClaims']
  readonly roles: Principal['roles']
  readonly scopeWildcards: boolean
  readonly #given: readonly string[]
  readonly #rules: PrincipalRules
  readonly #source: RoleResolver | undefined

  constructor(
    { claims, rawClaims }: VerifiedToken,
    given: readonly string[],
    rules: PrincipalRules,
    source: RoleResolver | undefined,
  ) {
    this.claims = claims
    this.rawClaims = rawClaims
    this.roles = Object.freeze(rules.hierarchy.complete(given))
    this.scopeWildcards = rules.scopeWildcards
    this.#given = given
    this.#rules = rules
    this.#source = source
    Object.freeze(this)
  }

  static isStillOf(principal: TokenPrincipal, source: RoleResolver, rules: PrincipalRules): boolean {
    return principal.#source === source && principal.#rules === rules
  }

  static isMadeOf(principal: TokenPrincipal, roles: readonly unknown[], rules: PrincipalRules): boolean {
    return principal.#rules === rules && areSame(principal.#given, roles)
  }
}
