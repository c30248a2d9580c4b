import { decide, type Shortfall } from '../../authorization/decide.js'
import { describeAgent, describeCondition } from '../../authorization/describe-requirement.js'
import type { Principal } from '../../authorization/principal.js'
import type { AttributeKind, Condition, Requirement } from '../../authorization/requirement.js'
import { listed } from '../shown.js'

/** One thing that a route asks for, and what the caller has of it. `undecided`: that isn't asked here. */
export interface RequirementRow {
  readonly result: 'ok' | 'refused' | 'undecided'
  readonly expected: string
  readonly held: string
}

type Authenticated = Extract<Requirement, { readonly access: 'authenticated' }>

/** Everything that a route asks for besides a valid token: each condition, then each list of an agent's scopes. */
export function requirementRows(
  { allOf, agentScopes = [] }: Authenticated,
  principal: Principal,
): readonly RequirementRow[] {
  const agents = agentScopes.map((anyOf) => ({
    result: 'undecided' as const,
    expected: describeAgent(anyOf),
    held: "the agent's token is not asked for here",
  }))
  return [...allOf.map((condition) => row(condition, principal)), ...agents]
}

/**
 * What a caller lacks of a condition. What a policy says is unknown: as `unavailable`, it decides nothing by itself and
 * never comes as a promise.
 */
export function shortfallOf(condition: Condition, principal: Principal): Shortfall | undefined {
  const [found] = decide([condition], principal, () => 'unavailable') as readonly Shortfall[]
  return found
}

function row(condition: Condition, principal: Principal): RequirementRow {
  const held = kindsIn(condition).map((kind) => HELD[kind](principal))
  const outcome = shortfallOf(condition, principal)?.outcome ?? 'met'
  return { result: RESULTS[outcome], expected: describeCondition(condition), held: held.join('; ') }
}

const RESULTS = { met: 'ok', unmet: 'refused', failed: 'undecided', unavailable: 'undecided' } as const

const HELD: Readonly<Record<AttributeKind | 'policy', (principal: Principal) => string>> = {
  role: ({ roles }) => `roles: ${listed(roles)}`,
  group: ({ claims }) => `groups: ${listed(claims.groups)}`,
  scope: ({ claims }) => `scopes: ${listed(claims.scopes)}`,
  permission: ({ claims }) => `permissions: ${listed(claims.permissions)}`,
  policy: () => 'policies are not asked here',
}

/** What a condition asks about anywhere, each kind once. */
function kindsIn(condition: Condition): readonly (AttributeKind | 'policy')[] {
  if (condition.kind === 'not') return kindsIn(condition.of)
  if (!('of' in condition)) return [condition.kind]
  return [...new Set(condition.of.flatMap(kindsIn))]
}
