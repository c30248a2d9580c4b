import { inspect } from 'node:util'

/** How members are read and written from outside. */
export interface Access {
  readonly get: (key: string | symbol) => unknown
  readonly set: (key: string | symbol, value: unknown) => boolean
  /** What the object has besides what the instance has. */
  readonly has: (key: string | symbol) => boolean
}

/**
 * An object that passes for `instance` in everything but how its members are read and written.
 *
 * It is no proxy of the instance itself, because one of a frozen instance has to hand out the very functions that this
 * holds. The price: what is frozen or can't be redefined doesn't look it, and can't be made so from outside.
 */
export function standIn(instance: object, { get, set, has }: Access): object {
  const target = Object.create(null, { [inspect.custom]: { value: () => instance, configurable: true } }) as object
  return new Proxy(target, {
    get: (_target, key) => get(key),
    set: (_target, key, value) => set(key, value),
    has: (_target, key) => has(key) || Reflect.has(instance, key),
    ownKeys: () => Reflect.ownKeys(instance),
    getOwnPropertyDescriptor(_target, key) {
      const descriptor = Reflect.getOwnPropertyDescriptor(instance, key)
      return descriptor === undefined ? undefined : { ...descriptor, configurable: true }
    },
    defineProperty: (_target, key, descriptor) =>
      descriptor.configurable !== false && Reflect.defineProperty(instance, key, descriptor),
    deleteProperty: (_target, key) => Reflect.deleteProperty(instance, key),
    getPrototypeOf: () => Reflect.getPrototypeOf(instance),
    setPrototypeOf: (_target, prototype) => Reflect.setPrototypeOf(instance, prototype),
    preventExtensions: () => false,
  })
}
