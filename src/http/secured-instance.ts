import type { MethodGuards } from './method-guards.js'

type Method = (this: unknown, ...args: unknown[]) => unknown

/** A method as it is on the instance, and as others get to see it. */
interface Guarded {
  readonly method: Method
  readonly guarded: Method
}

/**
 * An instance as others get to see it: its methods ask whether the caller may before they do anything.
 *
 * Methods run on the instance itself, so that private fields work, and what they call on `this` is not asked about.
 */
export function securedInstance(instance: object, guards: MethodGuards): object {
  const known = new Map<PropertyKey, Guarded>()
  const proxy: object = new Proxy(instance, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target)
      if (typeof value !== 'function' || isEverybodys(key, value)) return value
      const last = known.get(key)
      if (last?.method === value) return last.guarded
      const method = value as Method
      const guarded = guardedMethod(method, key)
      known.set(key, { method, guarded })
      return guarded
    },
    set: (target, key, value) => Reflect.set(target, key, value, target),
  })
  return proxy

  function guardedMethod(method: Method, key: string | symbol): Method {
    const guard = guards.of(key, method)
    const whenPermitted = (call: () => unknown): unknown => {
      const pending = guard.before()
      return pending === undefined ? call() : pending.then(call)
    }
    return function guarded(this: unknown, ...args: unknown[]): unknown {
      const call = (): unknown => outward(Reflect.apply(method, this === proxy ? instance : this, args))
      return guard.isAsync ? rejecting(() => whenPermitted(call)) : whenPermitted(call)
    }
  }

  /** A method that returns `this`, at once or later, doesn't hand out an instance that nothing guards. */
  function outward(result: unknown): unknown {
    if (result === instance) return proxy
    return result instanceof Promise ? result.then((value) => (value === instance ? proxy : value)) : result
  }
}

/** An async method never throws: its refusal is a rejection. */
async function rejecting(work: () => unknown): Promise<unknown> {
  return work()
}

/** What every object has. */
function isEverybodys(key: string | symbol, value: unknown): boolean {
  return key === 'constructor' || (key in Object.prototype && value === Reflect.get(Object.prototype, key))
}
