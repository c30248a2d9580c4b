import { isAsyncFunction } from './is-async-function.js'
import type { MemberGuards } from './member-guards.js'
import { isAccessor } from './member-rules.js'
import { standIn } from './stand-in.js'

type Method = (this: unknown, ...args: unknown[]) => unknown

/** A method as it is on the instance, and as others get to see it. */
interface Guarded {
  readonly method: Method
  readonly guarded: Method
}

/** Had by nothing but a secured instance, and by what passes on to one whatever it is asked. */
const SECURED = Symbol.for('inversify-koa-auth.secured')

/** Whether an instance guards its methods. */
export function isSecured(instance: unknown): boolean {
  return typeof instance === 'object' && instance !== null && SECURED in instance
}

/**
 * An instance as others get to see it: its methods and accessors ask whether the caller may before they do anything.
 *
 * They run on the instance itself, so that private fields work, and what they use of `this` is not asked about. Fields
 * are open.
 */
export function securedInstance(instance: object, guards: MemberGuards): object {
  const known = new Map<PropertyKey, Guarded>()
  const secured = standIn(instance, {
    get(key) {
      const isComputed = hasAccessor(key)
      if (isComputed) guards.of(key).now()
      const value: unknown = Reflect.get(instance, key, instance)
      if (typeof value !== 'function') return isComputed ? outward(value) : value
      return isEverybodys(key, value) ? value : guardedMethod(key, value as Method)
    },
    set(key, value) {
      if (hasAccessor(key)) guards.of(key).now()
      return Reflect.set(instance, key, value, instance)
    },
    has: (key) => key === SECURED,
  })
  return secured

  /** The instance's own properties come and go; what its class has was found out once. */
  function hasAccessor(key: string | symbol): boolean {
    if (!Object.hasOwn(instance, key)) return guards.isAccessor(key)
    return isAccessor(Object.getOwnPropertyDescriptor(instance, key) as PropertyDescriptor)
  }

  function guardedMethod(key: string | symbol, method: Method): Method {
    const last = known.get(key)
    if (last?.method === method) return last.guarded
    const guarded = guard(key, method)
    known.set(key, { method, guarded })
    return guarded
  }

  /** An async method never throws: its refusal is a rejection. */
  function guard(key: string | symbol, method: Method): Method {
    const before = guards.of(key, method)
    const call = (self: unknown, args: unknown[]): unknown =>
      outward(Reflect.apply(method, self === secured ? instance : self, args))
    if (isAsyncFunction(method)) {
      return async function guarded(this: unknown, ...args: unknown[]): Promise<unknown> {
        const pending = before.later()
        if (pending !== undefined) await pending
        return call(this, args)
      }
    }
    return function guarded(this: unknown, ...args: unknown[]): unknown {
      before.now()
      return call(this, args)
    }
  }

  /** What is asked for `this`, at once or later, doesn't hand out an instance that nothing guards. */
  function outward(result: unknown): unknown {
    if (result === instance) return secured
    return result instanceof Promise ? result.then((value) => (value === instance ? secured : value)) : result
  }
}

/** What every object has. */
function isEverybodys(key: string | symbol, value: unknown): boolean {
  return key === 'constructor' || (key in Object.prototype && value === Reflect.get(Object.prototype, key))
}
