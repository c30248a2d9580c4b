import 'reflect-metadata'

type Member = string | symbol

/**
 * Reads and writes one kind of declaration on classes and their members, each place on its own: nothing inherited.
 * A class is told by its prototype.
 */
export interface MetadataSlot<Value> {
  /** What stands on a class (no `key`) or on one of its members. */
  readonly read: (prototype: object, key?: Member) => Value | undefined
  /** Puts there what is made of what was there before. */
  readonly write: (make: (before: Value | undefined) => Value, prototype: object, key?: Member) => void
  /** What stands on members of this class, by their names. */
  readonly ofMembers: (prototype: object) => ReadonlyMap<Member, Value>
}

/**
 * What a class holds in a slot. Members are in a map: each look into reflect-metadata costs more than one into a map.
 * It has every member itself: what somebody has put into `Object.prototype` doesn't show through.
 */
interface Held<Value> {
  ofClass: Value | undefined
  readonly ofMembers: Map<Member, Value>
}

/** A slot under a name of its own, the same for every copy of this package in the process. */
export function metadataSlot<Value>(name: string): MetadataSlot<Value> {
  const metadataKey = Symbol.for(`inversify-koa-auth.${name}`)
  const heldBy = (prototype: object): Held<Value> | undefined => Reflect.getOwnMetadata(metadataKey, prototype)
  const newlyHeldBy = (prototype: object): Held<Value> => {
    const held: Held<Value> = { ofClass: undefined, ofMembers: new Map() }
    Reflect.defineMetadata(metadataKey, held, prototype)
    return held
  }
  return {
    read: (prototype, key) => {
      const held = heldBy(prototype)
      return key === undefined ? held?.ofClass : held?.ofMembers.get(key)
    },
    write: (make, prototype, key) => {
      const held = heldBy(prototype) ?? newlyHeldBy(prototype)
      if (key === undefined) held.ofClass = make(held.ofClass)
      else held.ofMembers.set(key, make(held.ofMembers.get(key)))
    },
    ofMembers: (prototype) => heldBy(prototype)?.ofMembers ?? new Map(),
  }
}
