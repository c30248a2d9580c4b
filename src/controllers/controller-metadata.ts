import { type MetadataSlot, metadataSlot } from '../authorization/metadata-slot.js'
import { prototypeChain } from '../authorization/prototype-chain.js'

/** HTTP methods a controller can answer. */
export type RouteMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD' | 'OPTIONS'

/** A route decorator on a method: `@Get('/:id')`. */
export interface RouteDeclaration {
  readonly method: RouteMethod
  readonly path: string
}

export const controllerPrefix = metadataSlot<string>('controller')
export const routeDeclarations = metadataSlot<readonly RouteDeclaration[]>('routes')
export const declaredStatus = metadataSlot<number>('status')

/** What stands on a class's methods by their names: on each itself, or else on the nearest method that it overrides. */
export function nearest<Value>(slot: MetadataSlot<Value>, prototype: object): ReadonlyMap<string | symbol, Value> {
  const farthestFirst = [...prototypeChain(prototype)].reverse()
  return new Map(farthestFirst.flatMap((place) => [...slot.ofMembers(place)]))
}

/** Whether a class bears any of the decorators that make routes: on itself, or on methods of its own. */
export function isController(prototype: object): boolean {
  return controllerPrefix.read(prototype) !== undefined || routeDeclarations.ofMembers(prototype).size > 0
}
