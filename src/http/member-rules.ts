import { type CompiledRequirement, compileRequirement } from '../authorization/compile-requirement.js'
import { prototypeChain } from '../authorization/prototype-chain.js'
import type { Requirement } from '../authorization/requirement.js'
import type { ConfigurationProblem } from '../errors/auth-configuration-error.js'
import { isAsyncFunction } from './is-async-function.js'

/** What is asked of whoever calls a method, or reads or writes an accessor. */
export interface MemberRule {
  /** Class and member, as in `Ledger.close`. */
  readonly where: string
  readonly requirement: Requirement
  /** The function itself; absent for accessors. */
  readonly method: unknown
  readonly isAccessor: boolean
  readonly isAsync: boolean
}

/** What the decorators of a class come to, however many instances there are. */
export interface MemberRules {
  /** The rule of what is no member of the class, such as functions in fields. */
  readonly ofClass: Requirement
  /** Methods and accessors, inherited ones included. */
  readonly ofMembers: ReadonlyMap<string | symbol, MemberRule>
  /** Decorators that contradict each other. Not empty: the rules must not be used. */
  readonly problems: readonly ConfigurationProblem[]
}

/** Compiles the rules of a class's members. Nothing can stand on a constructor: what holds for it is the class's own. */
export function memberRules(prototype: object): MemberRules {
  const { name } = prototype.constructor
  const ofClass = compileRequirement({ prototype }, 'constructor')
  const members = [...nearestMembers(prototype)].map(([key, descriptor]) => {
    const where = `${name}.${String(key)}`
    return { key, where, descriptor, compiled: compileRequirement({ prototype }, key) }
  })
  return {
    ofClass: ofClass.requirement,
    ofMembers: new Map(
      members.map(({ key, where, descriptor, compiled: { requirement } }) => [
        key,
        {
          where,
          requirement,
          method: descriptor.value,
          isAccessor: isAccessor(descriptor),
          isAsync: isAsyncFunction(descriptor.value),
        },
      ]),
    ),
    problems: [
      ...contradictions(ofClass, 'class', name),
      ...members.flatMap(({ where, compiled }) => contradictions(compiled, 'method', where)),
    ],
  }
}

/** Whether reading or writing a property runs code. */
export function isAccessor({ get, set }: PropertyDescriptor): boolean {
  return get !== undefined || set !== undefined
}

/** Methods and accessors by name: where a class and its parent both have one, the class's. */
function nearestMembers(prototype: object): ReadonlyMap<string | symbol, PropertyDescriptor> {
  const members = new Map<string | symbol, PropertyDescriptor>()
  for (const place of prototypeChain(prototype)) {
    for (const key of Reflect.ownKeys(place)) {
      const descriptor = Object.getOwnPropertyDescriptor(place, key) as PropertyDescriptor
      const isMember = typeof descriptor.value === 'function' || isAccessor(descriptor)
      if (isMember && !members.has(key)) members.set(key, descriptor)
    }
  }
  members.delete('constructor')
  return members
}

/** What is wrong with a class shows at each of its members; it is said once. */
function contradictions(
  { problems }: CompiledRequirement,
  at: 'class' | 'method',
  where: string,
): readonly ConfigurationProblem[] {
  return problems.filter(({ place }) => place === at).map(({ message }) => ({ where, message }))
}
