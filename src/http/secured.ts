import type { BindOnFluentSyntax, ResolutionContext } from 'inversify'
import { onceEach } from '../authorization/once-each.js'
import { AuthClientSettings } from '../config/auth-client-settings.js'
import { AuthConfigurationError } from '../errors/auth-configuration-error.js'
import { memberGuards } from './member-guards.js'
import { memberRules } from './member-rules.js'
import { Policies } from './policies.js'
import { securedInstance } from './secured-instance.js'

type Activation = (context: ResolutionContext, instance: unknown) => unknown

/** How long a policy may take where there are no settings, in milliseconds. */
const DECISION_TIMEOUT_MS = 5000

/** Decorators are the class's, whatever container an instance comes from. */
const rulesOf = onceEach(memberRules)

/**
 * A binding whose instances hold the rules of their security decorators wherever their methods are called: by jobs,
 * sockets, other services. It is the same binding: go on with `inSingletonScope()` and the like.
 *
 * The rules are those of controllers: a method without decorators wants somebody signed in, `@AllowAnonymous` opens
 * one. Accessors are guarded like methods; fields are open to whoever holds the instance. What a method uses of `this`
 * is the class's own business and not asked about. Refusals are thrown by accessors and sync methods, and rejections of
 * async ones. What the container calls (`@preDestroy`) needs `@AllowAnonymous`.
 *
 * Mistakes end the first resolution with an AuthConfigurationError: decorators that contradict each other, a policy
 * that isn't bound, an async policy on what isn't async. A controller's services are resolved at start-up; resolve what
 * no controller needs once yourself.
 *
 * @example
 * ```ts
 * import { Container, injectable } from 'inversify'
 * import { RequiresRole, secured } from 'inversify-koa-auth'
 *
 * @injectable()
 * class Ledger {
 *   @RequiresRole('accountant')
 *   close(year: number) {
 *     return { closed: year }
 *   }
 * }
 *
 * export const container = new Container()
 * secured(container.bind(Ledger).toSelf()).inSingletonScope()
 * ```
 */
export function secured<Syntax extends BindOnFluentSyntax<unknown>>(binding: Syntax): Syntax {
  // Each container has a context of its own: a child's policies are not its parent's.
  const guardsIn = onceEach((context: ResolutionContext) => {
    const timeoutMs = settingsOf(context)?.decisionTimeoutMs ?? DECISION_TIMEOUT_MS
    return onceEach(unlessUnderWay((prototype) => memberGuards(rulesOf(prototype), new Policies(context, timeoutMs))))
  })
  const secure: Activation = (context, instance) => {
    if (settingsOf(context)?.enabled === false) return instance
    return securedInstance(instance as object, guardsIn(context)(classOf(instance)))
  }
  binding.onActivation(secure as Parameters<Syntax['onActivation']>[0])
  return withActivation(binding, secure)
}

/** Guards that are under way ask the container for policies, which may need the very service that is to be guarded. */
function unlessUnderWay<Value>(make: (prototype: object) => Value): (prototype: object) => Value {
  const underWay = new Set<object>()
  return (prototype) => {
    const { name: where } = prototype.constructor
    if (underWay.has(prototype)) {
      throw new AuthConfigurationError([{ where, message: 'is needed by a policy that it needs itself' }])
    }
    underWay.add(prototype)
    try {
      return make(prototype)
    } finally {
      underWay.delete(prototype)
    }
  }
}

function settingsOf(context: ResolutionContext): AuthClientSettings | undefined {
  return context.get<AuthClientSettings>(AuthClientSettings, { optional: true })
}

/** A binding has one activation: the application's own must not take the place of this one, it comes before it. */
function withActivation<Syntax extends object>(syntax: Syntax, secure: Activation): Syntax {
  return new Proxy(syntax, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target)
      if (typeof member !== 'function') return member
      return (...args: unknown[]): unknown => {
        const given = name === 'onActivation' ? [inTurn(args[0] as Activation, secure)] : args
        const result: unknown = Reflect.apply(member, target, given)
        return typeof result === 'object' && result !== null ? withActivation(result, secure) : result
      }
    },
  })
}

function inTurn(own: Activation, secure: Activation): Activation {
  return (context, instance) => {
    const activated = own(context, instance)
    return activated instanceof Promise ? activated.then((it) => secure(context, it)) : secure(context, activated)
  }
}

function classOf(instance: unknown): object {
  const prototype: unknown = typeof instance === 'object' && instance !== null ? Object.getPrototypeOf(instance) : null
  if (prototype !== null && prototype !== Object.prototype) return prototype as object
  const message = 'needs a binding to an instance of a class: there is nothing else that decorators could stand on'
  throw new AuthConfigurationError([{ where: 'secured', message }])
}
