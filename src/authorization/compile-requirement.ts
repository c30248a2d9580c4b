import { type Declaration, declarationsAt, declaredMembers } from './declarations.js'
import { prototypeChain } from './prototype-chain.js'
import { ANY_VALID_TOKEN, type Requirement } from './requirement.js'

/** What the decorators on a controller's class and method come to. */
export interface CompiledRequirement {
  readonly requirement: Requirement
  /** Whether any security decorator counts for this method at all. */
  readonly explicit: boolean
  /** Contradictions between decorators, in words. Not empty: the requirement must not be used. */
  readonly problems: readonly Contradiction[]
}

/** Decorators that can't stand at the same place together. */
export interface Contradiction {
  readonly place: 'class' | 'method'
  readonly message: string
}

/** Decorators found at one place. */
interface Found {
  readonly place: string
  readonly own: boolean
  readonly declarations: readonly Declaration[]
}

type Opening = Extract<Declaration, { kind: 'anonymous' | 'optional' }>

/**
 * Adds up what stands on a class, on a method, and on what they inherit from.
 *
 * Restrictions come from the whole inheritance chain. Openings count only where they stand on the controller
 * itself: a method's own opening opens a restricted class, a class's opening yields to its methods' restrictions.
 */
export function compileRequirement(
  controller: { readonly prototype: object },
  method: string | symbol,
): CompiledRequirement {
  return requirementCompiler(controller)(method)
}

/** Like {@link compileRequirement}, for many methods of a class: what stands on the class is read once. */
export function requirementCompiler(controller: {
  readonly prototype: object
}): (method: string | symbol) => CompiledRequirement {
  const chain = prototypeChain(controller.prototype)
  const onClass = chain.map((prototype, depth) => found(prototype, depth))
  const declared = new Set(chain.flatMap((prototype) => declaredMembers(prototype)))
  let ofClass: CompiledRequirement | undefined
  return (method) => {
    if (declared.has(method)) {
      const onMethod = chain.map((prototype, depth) => found(prototype, depth, method))
      return compiled(onClass, onMethod)
    }
    ofClass ??= compiled(onClass, [])
    return ofClass
  }
}

function compiled(onClass: readonly Found[], onMethod: readonly Found[]): CompiledRequirement {
  const openings = { class: ownOpenings(onClass), method: ownOpenings(onMethod) }
  const restrictions = { class: restrictionsIn(onClass), method: restrictionsIn(onMethod) }
  const problems = [
    ...contradictions('method', onMethod, openings.method, restrictions.method),
    ...contradictions('class', onClass, openings.class, restrictions.class),
  ]
  const explicit = [openings.class, openings.method, restrictions.class, restrictions.method].some(
    (declarations) => declarations.length > 0,
  )
  const opening = openings.method[0] ?? (restrictions.method.length === 0 ? openings.class[0] : undefined)
  if (opening !== undefined) return { requirement: Object.freeze({ access: opening.kind }), explicit, problems }
  return { requirement: closed([...restrictions.class, ...restrictions.method]), explicit, problems }
}

function closed(restrictions: readonly Declaration[]): Requirement {
  const conditions = restrictions.flatMap((declaration) =>
    declaration.kind === 'condition' ? [declaration.condition] : [],
  )
  const agentScopes = restrictions.flatMap((declaration) =>
    declaration.kind === 'agentScope' ? [declaration.anyOf] : [],
  )
  if (conditions.length + agentScopes.length === 0) return ANY_VALID_TOKEN
  const allOf = Object.freeze(distinct(conditions))
  if (agentScopes.length === 0) return Object.freeze({ access: 'authenticated', allOf })
  return Object.freeze({ access: 'authenticated', allOf, agentScopes: Object.freeze(distinct(agentScopes)) })
}

/** Conditions are plain data but for policies, whose classes may share a name: each gets a number of its own. */
function distinct<Asked>(all: readonly Asked[]): readonly Asked[] {
  const classes: unknown[] = []
  const numbered = (_key: string, value: unknown): unknown => {
    if (typeof value !== 'function') return value
    if (!classes.includes(value)) classes.push(value)
    return classes.indexOf(value)
  }
  return [...new Map(all.map((asked) => [JSON.stringify(asked, numbered), asked])).values()]
}

function found(prototype: object, depth: number, method?: string | symbol): Found {
  const name = prototype.constructor.name
  return {
    place: method === undefined ? name : `${name}.${String(method)}`,
    own: depth === 0,
    declarations: declarationsAt(prototype, method),
  }
}

function ownOpenings(places: readonly Found[]): readonly Opening[] {
  return places.filter(({ own }) => own).flatMap(({ declarations }) => declarations.filter(isOpening))
}

function restrictionsIn(places: readonly Found[]): readonly Declaration[] {
  return places.flatMap(({ declarations }) => declarations.filter((declaration) => !isOpening(declaration)))
}

function isOpening(declaration: Declaration): declaration is Opening {
  return declaration.kind === 'anonymous' || declaration.kind === 'optional'
}

/** An opening leaves no room at its place for a restriction, an inherited one included, or for another opening. */
function contradictions(
  place: Contradiction['place'],
  places: readonly Found[],
  openings: readonly Opening[],
  restrictions: readonly Declaration[],
): readonly Contradiction[] {
  const [opening, ...others] = new Set(openings.map(({ decorator }) => decorator))
  if (opening === undefined || others.length + restrictions.length === 0) return []
  const rivals = places.flatMap(({ place: origin, own, declarations }) =>
    declarations
      .filter((declaration) => !isOpening(declaration) || (own && declaration.decorator !== opening))
      .map(({ decorator }) => (own ? decorator : `${decorator} inherited from ${origin}`)),
  )
  return [{ place, message: `${opening} contradicts ${[...new Set(rivals)].join(' and ')}; keep one of them` }]
}
