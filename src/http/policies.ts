import type { ResolutionContext } from 'inversify'
import type Koa from 'koa'
import type { PolicyOutcome } from '../authorization/decide.js'
import { inTime, TimedOut } from '../authorization/in-time.js'
import { onceEach } from '../authorization/once-each.js'
import { policiesIn } from '../authorization/policies-in.js'
import type { Principal } from '../authorization/principal.js'
import type { PolicyClass, Requirement } from '../authorization/requirement.js'
import type { ConfigurationProblem } from '../errors/auth-configuration-error.js'
import { publish } from '../events/auth-event.js'
import type { DecisionFailedEvent } from '../events/auth-event-types.js'
import { isAsyncFunction } from './is-async-function.js'
import type { Policy } from './policy.js'
import { type ServiceResolver, serviceResolver } from './service-resolver.js'

/** Who wants to know whether a policy permits what. */
export interface Asking {
  readonly principal: Principal
  readonly ctx: Koa.Context
  /** Method and path pattern, for events. */
  readonly route: string | undefined
}

/** What can be told of a policy before it is asked: what is wrong with it for anybody, and for those who can't wait. */
interface Finding {
  readonly unfit?: string
  readonly late?: string
}

/** Asks policies that the container resolves. */
export class Policies {
  readonly #findings = onceEach((policy: PolicyClass) => this.#find(policy))
  readonly #resolvers = new Map<PolicyClass, ServiceResolver<object>>()
  readonly #context: Pick<ResolutionContext, 'get' | 'getAsync'>
  readonly #timeoutMs: number

  /** @param timeoutMs how long one policy may take, in milliseconds */
  constructor(context: Pick<ResolutionContext, 'get' | 'getAsync'>, timeoutMs: number) {
    this.#context = context
    this.#timeoutMs = timeoutMs
  }

  /**
   * What keeps the policies of a requirement from ever being asked, as far as can be told before anybody is.
   *
   * @param canWait whether whoever asks can wait for an answer
   */
  problems(requirement: Requirement, where: string, canWait = true): readonly ConfigurationProblem[] {
    return policiesIn(requirement).flatMap((policy) => {
      const { unfit, late } = this.#findings(policy)
      const message = unfit ?? (canWait ? undefined : late)
      return message === undefined ? [] : [{ where, message }]
    })
  }

  /**
   * What a policy makes of a caller. Failures are published; they never permit.
   *
   * A promise only where the policy, or its resolution, is asynchronous.
   */
  ask(policy: PolicyClass, asking: Asking): PolicyOutcome | Promise<PolicyOutcome> {
    try {
      const found = this.#resolver(policy).resolve()
      const answer = found instanceof Promise ? found.then((it) => permits(it, asking)) : permits(found, asking)
      return isThenable(answer) ? this.#settled(policy, answer, asking) : verdict(policy, answer, asking)
    } catch (error) {
      return failure(policy, 'threw', error, asking)
    }
  }

  /** The same for those who can't wait: a policy that answers with a promise has failed. */
  askNow(policy: PolicyClass, asking: Asking): PolicyOutcome {
    const outcome = this.ask(policy, asking)
    if (!(outcome instanceof Promise)) return outcome
    const error = new TypeError(`${policy.name}.permits answers with a promise, for which a sync method can not wait`)
    return failure(policy, 'wrong_type', error, asking)
  }

  async #settled(policy: PolicyClass, pending: PromiseLike<unknown>, asking: Asking): Promise<PolicyOutcome> {
    let answer: unknown
    try {
      answer = await inTime(Promise.resolve(pending), this.#timeoutMs)
    } catch (error) {
      return failure(policy, error instanceof TimedOut ? 'timed_out' : 'threw', error, asking)
    }
    return verdict(policy, answer, asking)
  }

  #find(policy: PolicyClass): Finding {
    const { name } = policy
    let found: object | Promise<object>
    try {
      found = this.#resolver(policy).probe()
    } catch (error) {
      return { unfit: `needs policy ${name}, which the container can't resolve: ${(error as Error).message}` }
    }
    if (found instanceof Promise) {
      return { late: `is not async, but policy ${name} is resolved asynchronously: it can not wait for it` }
    }
    const { permits } = (found as Partial<Policy> | null | undefined) ?? {}
    if (typeof permits !== 'function') {
      return { unfit: `needs policy ${name}, but what is bound to it has no method permits` }
    }
    return isAsyncFunction(permits) ? { late: `is not async, but policy ${name} is: it can not wait for it` } : {}
  }

  #resolver(policy: PolicyClass): ServiceResolver<object> {
    let resolver = this.#resolvers.get(policy)
    if (resolver === undefined) {
      resolver = serviceResolver<object>(this.#context, policy as new () => object)
      this.#resolvers.set(policy, resolver)
    }
    return resolver
  }
}

function permits(policy: object, { principal, ctx }: Asking): unknown {
  return (policy as Policy).permits(principal, ctx)
}

function verdict(policy: PolicyClass, answer: unknown, asking: Asking): PolicyOutcome {
  if (typeof answer === 'boolean') return answer ? 'met' : 'unmet'
  const error = new TypeError(`${policy.name}.permits has to return a boolean`)
  return failure(policy, 'wrong_type', error, asking)
}

function failure(
  policy: PolicyClass,
  reason: DecisionFailedEvent['reason'],
  error: unknown,
  { route }: Asking,
): PolicyOutcome {
  publish('decision:failed', () => ({ source: 'policy', name: policy.name, reason, route, error }))
  return reason === 'timed_out' ? 'unavailable' : 'failed'
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function'
}
