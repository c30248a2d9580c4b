import type { AttributeKind, Condition, Requirement } from '../authorization/requirement.js'
import type { RouteDescription } from '../controllers/route-table.js'
import type { TestClaims } from './test-claims.js'

/** What a caller of the matrix holds. */
export type Holdings = Readonly<Record<AttributeKind, readonly string[]>>

const NOTHING: Holdings = { role: [], group: [], scope: [], permission: [] }

/** Somebody who calls every route. */
export interface MatrixCaller {
  readonly name: string
  /** What is wrong with the token; `none` where there isn't any. */
  readonly token: 'none' | 'expired' | 'wrong audience' | 'forged' | 'valid'
  readonly holdings: Holdings
  /** Scopes of the agent at work; absent where none is. */
  readonly agentScopes?: readonly string[]
  /** What the token says, instead of what is held. */
  readonly claims?: TestClaims
}

/** A caller that nobody but the application's own tests knows of. */
export function ownCaller([name, claims]: readonly [string, TestClaims]): MatrixCaller {
  return { name, token: 'valid', holdings: NOTHING, claims }
}

/** Something a caller can hold: `['role', 'admin']`. */
export type Attribute = readonly [AttributeKind, string]

/**
 * Everybody who might get in where nobody should: strangers, holders of any single thing that is asked for anywhere,
 * and for each route holders of all that it asks for, with and without what it refuses, and of all but one.
 */
export function matrixCallers(routes: readonly RouteDescription[]): readonly MatrixCaller[] {
  const requirements = routes.map(({ requirement }) => requirement)
  const everything = distinct(requirements.flatMap(attributesOf))
  const wholes = [...requirements.map(attributesOf), ...requirements.map(wantedBy)]
  const sets = [
    [],
    ...everything.map((each) => [each]),
    ...wholes,
    ...wholes.flatMap((whole) => whole.map((left) => whole.filter((each) => each !== left))),
    everything,
  ]
  const agentScopes = [...new Set(requirements.flatMap(agentScopesOf))]
  const callers: readonly MatrixCaller[] = [
    { name: 'nobody', token: 'none', holdings: NOTHING },
    ...(['expired', 'wrong audience', 'forged'] as const).map((token) => ({
      name: token,
      token,
      holdings: holdings(everything),
    })),
    ...sets.map((set) => ({ name: nameOf(set), token: 'valid' as const, holdings: holdings(set) })),
    ...agentCallers(agentScopes, holdings(everything)),
  ]
  return [...new Map(callers.map((caller) => [caller.name, caller])).values()]
}

function agentCallers(scopes: readonly string[], held: Holdings): readonly MatrixCaller[] {
  if (scopes.length === 0) return []
  const sets = [[], ...scopes.map((scope) => [scope]), scopes, ['*']]
  return sets.map((agentScopes) => ({
    name: `everything, and an agent with ${agentScopes.length === 0 ? 'nothing' : `scope ${agentScopes.join(', ')}`}`,
    token: 'valid',
    holdings: held,
    agentScopes,
  }))
}

/** Everything that a rule asks about, each once. */
export function attributesOf(requirement: Requirement): readonly Attribute[] {
  return distinct(questionsOf(requirement).map(({ attribute }) => attribute))
}

/** What a rule asks people to have, without what it asks them not to have. */
function wantedBy(requirement: Requirement): readonly Attribute[] {
  return distinct(questionsOf(requirement).flatMap(({ attribute, isWanted }) => (isWanted ? [attribute] : [])))
}

function agentScopesOf(requirement: Requirement): readonly string[] {
  return requirement.access === 'authenticated' ? (requirement.agentScopes ?? []).flat() : []
}

interface Question {
  readonly attribute: Attribute
  readonly isWanted: boolean
}

function questionsOf(requirement: Requirement): readonly Question[] {
  return requirement.access === 'authenticated' ? requirement.allOf.flatMap((each) => questionsIn(each, true)) : []
}

function questionsIn(condition: Condition, isWanted: boolean): readonly Question[] {
  switch (condition.kind) {
    case 'policy':
      return []
    case 'not':
      return questionsIn(condition.of, !isWanted)
    case 'allOf':
    case 'anyOf':
      return condition.of.flatMap((each) => questionsIn(each, isWanted))
    default:
      return condition.anyOf.map((name) => ({ attribute: [condition.kind, name], isWanted }))
  }
}

function holdings(attributes: readonly Attribute[]): Holdings {
  const of = (kind: AttributeKind) => attributes.filter(([each]) => each === kind).map(([, name]) => name)
  return { role: of('role'), group: of('group'), scope: of('scope'), permission: of('permission') }
}

function nameOf(attributes: readonly Attribute[]): string {
  return attributes.length === 0 ? 'a valid token' : attributes.map(attributeName).join(', ')
}

/** As in the names of callers: `role admin`. */
export function attributeName(attribute: Attribute): string {
  return attribute.join(' ')
}

function distinct(attributes: readonly Attribute[]): readonly Attribute[] {
  return [...new Map(attributes.map((attribute) => [attributeName(attribute), attribute])).values()]
}
