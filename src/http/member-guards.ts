import type Koa from 'koa'
import { policiesIn } from '../authorization/policies-in.js'
import type { Requirement } from '../authorization/requirement.js'
import { assertMeets, assertPermitted } from '../context/assert-meets.js'
import { currentAgentShortfall } from '../context/require-agent-scopes.js'
import { requirePrincipal } from '../context/require-conditions.js'
import { currentScope } from '../context/security-scope.js'
import { AuthConfigurationError } from '../errors/auth-configuration-error.js'
import type { MemberRules } from './member-rules.js'
import type { Policies } from './policies.js'
import { RequestScope } from './request-scope.js'

/**
 * Asks whether the current caller may use a member.
 *
 * @throws {AuthError} when nobody is signed in, or the caller may not.
 */
export interface MemberGuard {
  /** For those who can't wait: a policy that answers with a promise denies. */
  readonly now: () => void
  /** A promise only where a policy answers with one. */
  readonly later: () => Promise<void> | undefined
}

/** The guards of one class's members. */
export interface MemberGuards {
  /**
   * The guard of a member. A method that is found in a field or handed out by an accessor is still that method. What is
   * no member of the class has the class's own guard.
   */
  readonly of: (key: string | symbol, method?: unknown) => MemberGuard
  readonly isAccessor: (key: string | symbol) => boolean
}

/**
 * Guards that hold a class's rules with one container's policies.
 *
 * @throws {AuthConfigurationError} naming every mistake in the decorators of the class.
 */
export function memberGuards({ ofClass, ofMembers, problems }: MemberRules, policies: Policies): MemberGuards {
  const unaskable = [...ofMembers.values()].flatMap(({ where, requirement, isAsync }) =>
    policies.problems(requirement, where, isAsync),
  )
  if (problems.length + unaskable.length > 0) throw new AuthConfigurationError([...problems, ...unaskable])
  const others = memberGuard(ofClass, policies)
  const guards = new Map([...ofMembers].map(([key, { requirement }]) => [key, memberGuard(requirement, policies)]))
  const names = new Map([...ofMembers].map(([key, { method }]) => [method, key]))
  const isMethod = (key: string | symbol): boolean => ofMembers.get(key)?.method !== undefined
  return {
    of(key, method) {
      const name = isMethod(key) || method === undefined ? key : names.get(method)
      return guards.get(name ?? key) ?? others
    },
    isAccessor: (key) => ofMembers.get(key)?.isAccessor === true,
  }
}

function memberGuard(requirement: Requirement, policies: Policies): MemberGuard {
  if (requirement.access !== 'authenticated') return OPEN
  const { allOf, agentScopes = [] } = requirement
  const asksPolicies = policiesIn(requirement).length > 0
  const before = (ask: Policies['ask']): Promise<void> | undefined => {
    const scope = currentScope()
    if (scope?.enforced === false) return undefined
    const principal = requirePrincipal(allOf)
    const lacking = currentAgentShortfall(agentScopes)
    if (!asksPolicies) {
      assertMeets(principal, allOf, scope?.route, lacking)
      return undefined
    }
    const ctx = scope instanceof RequestScope ? scope.ctx : NO_REQUEST
    const asking = { principal, ctx, route: scope?.route }
    return assertPermitted(principal, allOf, scope?.route, (policy) => ask(policy, asking), lacking)
  }
  const askNow: Policies['ask'] = (policy, asking) => policies.askNow(policy, asking)
  const ask: Policies['ask'] = (policy, asking) => policies.ask(policy, asking)
  return { now: () => before(askNow), later: () => before(ask) }
}

const OPEN: MemberGuard = { now: () => undefined, later: () => undefined }

/** A policy that looks at the request where there is none has failed, which never lets anybody in. */
const NO_REQUEST = new Proxy({} as Koa.Context, {
  get(_target, name) {
    throw new Error(`ctx.${String(name)} was asked for outside of any request`)
  },
  has(_target, name) {
    throw new Error(`ctx.${String(name)} was looked for outside of any request`)
  },
})
