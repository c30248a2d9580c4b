import 'reflect-metadata'
import { prototypeChain } from '../authorization/prototype-chain.js'

/** HTTP methods a controller can answer. */
export type RouteMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD' | 'OPTIONS'

/** A route decorator on a method: `@Get('/:id')`. */
export interface RouteDeclaration {
  readonly method: RouteMethod
  readonly path: string
}

/** Reads and writes one kind of declaration on classes and methods, each place on its own: nothing inherited. */
export interface MetadataSlot<Value> {
  readonly read: (place: object, key?: string | symbol) => Value | undefined
  readonly write: (value: Value, place: object, key?: string | symbol) => void
}

export const controllerPrefix = slot<string>('controller')
export const routeDeclarations = slot<readonly RouteDeclaration[]>('routes')
export const declaredStatus = slot<number>('status')

/** A slot under a name of its own, the same for every copy of this package in the process. */
export function slot<Value>(name: string): MetadataSlot<Value> {
  const metadataKey = Symbol.for(`inversify-koa-auth.${name}`)
  return {
    read: (place, key) => Reflect.getOwnMetadata(metadataKey, place, key as string | symbol),
    write: (value, place, key) => Reflect.defineMetadata(metadataKey, value, place, key as string | symbol),
  }
}

/** What stands on a method, or else on the nearest method it overrides. */
export function nearest<Value>(slot: MetadataSlot<Value>, prototype: object, key: string | symbol): Value | undefined {
  for (const place of prototypeChain(prototype)) {
    const value = slot.read(place, key)
    if (value !== undefined) return value
  }
  return undefined
}

/** Whether a class bears any of the decorators that make routes: on itself, or on methods of its own. */
export function isController(prototype: object): boolean {
  if (controllerPrefix.read(prototype) !== undefined) return true
  return Reflect.ownKeys(prototype).some((key) => routeDeclarations.read(prototype, key) !== undefined)
}
