import type Koa from 'koa'
import { compileRequirement } from '../authorization/compile-requirement.js'
import type { AskPolicy } from '../authorization/decide.js'
import { policiesIn } from '../authorization/policies-in.js'
import { prototypeChain } from '../authorization/prototype-chain.js'
import type { Requirement } from '../authorization/requirement.js'
import { assertMeets, assertPermitted } from '../context/assert-meets.js'
import { currentAgentShortfall } from '../context/require-agent-scopes.js'
import { requirePrincipal } from '../context/require-conditions.js'
import { currentScope } from '../context/security-scope.js'
import { AuthConfigurationError, type ConfigurationProblem } from '../errors/auth-configuration-error.js'
import type { Policies } from './policies.js'
import { RequestScope } from './request-scope.js'

/** Asks whether the current caller may call a method. */
export interface MethodGuard {
  readonly isAsync: boolean
  /**
   * A promise only where a policy answers with one, which it may do for async methods alone.
   *
   * @throws {AuthError} when nobody is signed in, or the caller may not.
   */
  readonly before: () => Promise<void> | undefined
}

const AsyncFunction = (async () => undefined).constructor

/** The rules of one class's methods. */
export class MethodGuards {
  readonly #controller: { readonly prototype: object }
  readonly #policies: Policies

  /** @throws {AuthConfigurationError} naming every mistake in the decorators of the class. */
  constructor(prototype: object, policies: Policies) {
    this.#controller = { prototype }
    this.#policies = policies
    const problems = methodKeys(prototype).flatMap((key) => this.#problems(key))
    if (problems.length > 0) throw new AuthConfigurationError(problems)
  }

  /** The guard of one method. Functions that are no methods of the class have its own rule. */
  of(key: string | symbol, method: unknown): MethodGuard {
    return methodGuard(compileRequirement(this.#controller, key).requirement, isAsync(method), this.#policies)
  }

  #problems(key: string | symbol): readonly ConfigurationProblem[] {
    const { prototype } = this.#controller
    const where = `${prototype.constructor.name}.${String(key)}`
    const { requirement, problems } = compileRequirement(this.#controller, key)
    const method: unknown = Reflect.get(prototype, key)
    const slow = isAsync(method) ? [] : policiesIn(requirement).filter((policy) => isAsync(policy.prototype.permits))
    return [
      ...problems.map(({ message }) => ({ where, message })),
      ...this.#policies.problems(requirement, where),
      ...slow.map(({ name }) => ({ where, message: `is not async, but policy ${name} is: it can not wait for it` })),
    ]
  }
}

function methodGuard(requirement: Requirement, isAsync: boolean, policies: Policies): MethodGuard {
  if (requirement.access !== 'authenticated') return { isAsync, before: () => undefined }
  const { allOf, agentScopes = [] } = requirement
  const asksPolicies = policiesIn(requirement).length > 0
  return {
    isAsync,
    before() {
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
      const ask: AskPolicy = (policy) => (isAsync ? policies.ask(policy, asking) : policies.askNow(policy, asking))
      return assertPermitted(principal, allOf, scope?.route, ask, lacking)
    },
  }
}

/** Every method name of a class, inherited ones and accessors' left out. */
function methodKeys(prototype: object): readonly (string | symbol)[] {
  const keys = new Set(prototypeChain(prototype).flatMap((place) => Reflect.ownKeys(place).filter(isMethodOf(place))))
  keys.delete('constructor')
  return [...keys]
}

function isMethodOf(place: object): (key: string | symbol) => boolean {
  return (key) => typeof Object.getOwnPropertyDescriptor(place, key)?.value === 'function'
}

function isAsync(method: unknown): boolean {
  return method instanceof AsyncFunction
}

/** A policy that looks at the request where there is none has failed, which never lets anybody in. */
const NO_REQUEST = new Proxy({} as Koa.Context, {
  get(_target, name) {
    throw new Error(`ctx.${String(name)} was asked for outside of any request`)
  },
  has(_target, name) {
    throw new Error(`ctx.${String(name)} was looked for outside of any request`)
  },
})
