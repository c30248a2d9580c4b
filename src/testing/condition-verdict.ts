import type { Principal } from '../authorization/principal.js'
import type { AttributeKind, Condition } from '../authorization/requirement.js'

/** What comes of a condition; `open` where that is for policies to say. */
export type Verdict = 'met' | 'unmet' | 'open'

/** What a caller has, and nothing else about it. */
export interface Held extends Readonly<Record<AttributeKind, ReadonlySet<string>>> {
  readonly scopeWildcards: boolean
}

const OPPOSITE = { met: 'unmet', unmet: 'met', open: 'open' } as const satisfies Readonly<Record<Verdict, Verdict>>

/** What a principal has, copied into plain sets. */
export function heldBy({ roles, claims, scopeWildcards = false }: Principal): Held {
  const sets = { role: roles, group: claims.groups, scope: claims.scopes, permission: claims.permissions }
  const copy = (kind: AttributeKind) => new Set(sets[kind])
  return {
    role: copy('role'),
    group: copy('group'),
    scope: copy('scope'),
    permission: copy('permission'),
    scopeWildcards,
  }
}

/**
 * Whether somebody meets a condition, by nothing but what the condition says.
 *
 * The guards of routes have an evaluator of their own, which has to be fast. This one is here to prove it wrong, so
 * the two share no code.
 */
export function verdictOn(condition: Condition, held: Held): Verdict {
  switch (condition.kind) {
    case 'policy':
      return 'open'
    case 'not':
      return OPPOSITE[verdictOn(condition.of, held)]
    case 'allOf':
      return verdictOnAll(condition.of, held)
    case 'anyOf':
      return OPPOSITE[
        verdictOnAll(
          condition.of.map((of): Condition => ({ kind: 'not', of })),
          held,
        )
      ]
    default:
      return condition.anyOf.some((name) => holds(held, condition.kind, name)) ? 'met' : 'unmet'
  }
}

/** Whether somebody meets every one of several conditions. */
export function verdictOnAll(conditions: readonly Condition[], held: Held): Verdict {
  const verdicts = conditions.map((condition) => verdictOn(condition, held))
  if (verdicts.includes('unmet')) return 'unmet'
  return verdicts.includes('open') ? 'open' : 'met'
}

/** Whether somebody has this. */
export function holds(held: Held, kind: AttributeKind, name: string): boolean {
  if (kind !== 'scope' || !held.scopeWildcards) return held[kind].has(name)
  return [...held.scope].some((granted) => reaches(granted, name))
}

/** Whether a granted scope is the one wanted, or a wildcard for it: `orders:*` for `orders` and all below, `*` for all. */
export function reaches(granted: string, wanted: string): boolean {
  if (granted === wanted || granted === '*') return true
  return granted.endsWith(':*') && `${wanted}:`.startsWith(granted.slice(0, -1))
}
