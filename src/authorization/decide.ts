import type { Principal } from './principal.js'
import type { AttributeCondition, Condition, PolicyClass } from './requirement.js'
import { coversScope } from './scope-grant.js'

/**
 * What came of a policy. The ones in the middle are failures, and never come to let anybody in: `failed` policies
 * threw or gave no proper answer, `unavailable` ones gave none in time.
 */
export type PolicyOutcome = 'unmet' | 'failed' | 'unavailable' | 'met'

/** Asks one policy. */
export type AskPolicy = (policy: PolicyClass) => PolicyOutcome | Promise<PolicyOutcome>

/** A condition that isn't met, cut down to what of it is missing. */
export interface Shortfall {
  readonly condition: Condition
  readonly outcome: Exclude<PolicyOutcome, 'met'>
}

/** From what keeps a caller out for good to what lets in. */
const ORDER: readonly PolicyOutcome[] = ['unmet', 'failed', 'unavailable', 'met']

type Found = Shortfall | undefined

const ALL_MET: readonly Shortfall[] = Object.freeze([])

/** The conditions that a caller does not meet; empty means the caller may go on. Policies that nobody can ask have failed. */
export function decide(allOf: readonly Condition[], principal: Principal): readonly Shortfall[]
/** The conditions that a caller does not meet. A promise only where a policy answers with one. */
export function decide(
  allOf: readonly Condition[],
  principal: Principal,
  ask: AskPolicy,
): readonly Shortfall[] | Promise<readonly Shortfall[]>
export function decide(
  allOf: readonly Condition[],
  principal: Principal,
  ask: AskPolicy = nobodyAsks,
): readonly Shortfall[] | Promise<readonly Shortfall[]> {
  for (let i = 0; i < allOf.length; i++) {
    const condition = allOf[i] as Condition
    if (!isAttribute(condition) || !holdsAny(condition, principal)) return shortfalls(allOf, principal, ask)
  }
  return ALL_MET
}

/**
 * Whether a caller holds any one of what is asked for.
 *
 * Here, as in `decide`, by index: V8 makes an object for each step through the iterator of a frozen list.
 */
export function holdsAny({ kind, anyOf }: AttributeCondition, principal: Principal): boolean {
  for (let i = 0; i < anyOf.length; i++) if (holds(kind, anyOf[i] as string, principal)) return true
  return false
}

function holds(kind: AttributeCondition['kind'], name: string, { roles, claims, scopeWildcards }: Principal): boolean {
  switch (kind) {
    case 'role':
      return roles.includes(name)
    case 'group':
      return claims.groups.includes(name)
    case 'permission':
      return claims.permissions.includes(name)
    case 'scope':
      return scopeWildcards === true ? coversScope(claims.scopes, name) : claims.scopes.includes(name)
  }
}

function isAttribute(condition: Condition): condition is AttributeCondition {
  const { kind } = condition
  return kind === 'role' || kind === 'scope' || kind === 'group' || kind === 'permission'
}

function nobodyAsks(): PolicyOutcome {
  return 'failed'
}

function shortfalls(
  conditions: readonly Condition[],
  principal: Principal,
  ask: AskPolicy,
): readonly Shortfall[] | Promise<readonly Shortfall[]> {
  return eachInTurn(conditions, (condition) => shortfall(condition, principal, ask))
}

function shortfall(condition: Condition, principal: Principal, ask: AskPolicy): Found | Promise<Found> {
  switch (condition.kind) {
    case 'policy':
      return anyPolicy(condition.anyOf, ask)
    case 'allOf':
      return after(shortfalls(condition.of, principal, ask), (found) => together('allOf', found))
    case 'anyOf':
      return after(
        eachInTurn(condition.of, (each) => shortfall(each, principal, ask), isMet),
        (found) => (found.length < condition.of.length ? undefined : together('anyOf', found)),
      )
    case 'not':
      return after(shortfall(condition.of, principal, ask), (found) => opposite(condition, found))
    default:
      return holdsAny(condition, principal) ? undefined : { condition, outcome: 'unmet' }
  }
}

function anyPolicy(policies: readonly PolicyClass[], ask: AskPolicy): Found | Promise<Found> {
  const one = (policy: PolicyClass): Found | Promise<Found> =>
    after(ask(policy), (outcome) =>
      outcome === 'met' ? undefined : { condition: { kind: 'policy', anyOf: [policy] }, outcome },
    )
  return after(eachInTurn(policies, one, isMet), (found) =>
    found.length < policies.length
      ? undefined
      : { condition: { kind: 'policy', anyOf: policies }, outcome: extreme(found, 'anyOf') },
  )
}

/** What is missing of several conditions that only count together. */
function together(kind: 'allOf' | 'anyOf', found: readonly Shortfall[]): Found {
  const [only, ...others] = found
  if (only === undefined || others.length === 0) return only
  return { condition: { kind, of: found.map(({ condition }) => condition) }, outcome: extreme(found, kind) }
}

/** All of several are as bad as the worst, any of several as good as the best. */
function extreme(found: readonly Shortfall[], kind: 'allOf' | 'anyOf'): Shortfall['outcome'] {
  const ranks = found.map(({ outcome }) => ORDER.indexOf(outcome))
  return ORDER[kind === 'allOf' ? Math.min(...ranks) : Math.max(...ranks)] as Shortfall['outcome']
}

function opposite(condition: Condition, found: Found): Found {
  if (found === undefined) return { condition, outcome: 'unmet' }
  return found.outcome === 'unmet' ? undefined : { condition, outcome: found.outcome }
}

function isMet(found: Found): boolean {
  return found === undefined
}

/** What is found for each item, one after the other, up to the first that is `enough`. Nothing waits that need not. */
function eachInTurn<Item>(
  items: readonly Item[],
  find: (item: Item) => Found | Promise<Found>,
  enough: (found: Found) => boolean = () => false,
  from = 0,
  before: readonly Shortfall[] = ALL_MET,
): readonly Shortfall[] | Promise<readonly Shortfall[]> {
  const all = [...before]
  for (let i = from; i < items.length; i++) {
    const found = find(items[i] as Item)
    if (found instanceof Promise) {
      const wait: (it: Found) => readonly Shortfall[] | Promise<readonly Shortfall[]> = (it) => {
        const soFar = it === undefined ? all : [...all, it]
        return enough(it) ? soFar : eachInTurn(items, find, enough, i + 1, soFar)
      }
      return found.then(wait)
    }
    if (found !== undefined) all.push(found)
    if (enough(found)) return all
  }
  return all
}

function after<Value, Result>(value: Value | Promise<Value>, use: (value: Value) => Result): Result | Promise<Result> {
  return value instanceof Promise ? value.then(use) : use(value)
}
