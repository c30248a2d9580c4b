import type { AgentScopeMissingError } from '../errors/agent-scope-missing-error.js'
import { InsufficientPermissionsError, type MissingPermissions } from '../errors/insufficient-permissions-error.js'
import { onceEach } from './once-each.js'
import type { AttributeKind, Condition } from './requirement.js'

const PLURALS = {
  role: 'roles',
  group: 'groups',
  scope: 'scopes',
  permission: 'permissions',
  policy: 'policies',
} as const satisfies Readonly<Record<AttributeKind | 'policy', keyof MissingPermissions>>

/** The error for conditions that aren't met. One refusal names all of them. */
export function refusal(unmet: readonly Condition[]): InsufficientPermissionsError {
  return new InsufficientPermissionsError(`Requires ${unmet.map(wanted).join('; and ')}`, missingIn(unmet))
}

/** One error for what a caller lacks and the agent at work, too: in the words of both, under the caller's code. */
export function jointRefusal(
  ofCaller: InsufficientPermissionsError,
  ofAgent: AgentScopeMissingError,
): InsufficientPermissionsError {
  const missing = Object.freeze({ ...ofCaller.missing, ...ofAgent.missing })
  return new InsufficientPermissionsError(`${ofCaller.message}. ${ofAgent.message}`, missing)
}

/** The scopes that conditions ask for anywhere, each once: what a client should ask the authorization server for. */
export const scopesIn = onceEach(
  (conditions: readonly Condition[]): readonly string[] => missingIn(conditions).scopes ?? [],
)

function wanted(condition: Condition): string {
  switch (condition.kind) {
    case 'allOf':
      return `all of (${condition.of.map(wanted).join('; ')})`
    case 'anyOf':
      return `any of (${condition.of.map(wanted).join('; ')})`
    case 'not':
      return unwanted(condition.of)
    default:
      return `one of ${PLURALS[condition.kind]}: ${names(condition).join(', ')}`
  }
}

function unwanted(condition: Condition): string {
  if ('anyOf' in condition) return `none of ${PLURALS[condition.kind]}: ${names(condition).join(', ')}`
  return condition.kind === 'not' ? wanted(condition.of) : `not ${wanted(condition)}`
}

type NamedCondition = Extract<Condition, { anyOf: unknown }>

function missingIn(conditions: readonly Condition[]): MissingPermissions {
  const missing = new Map<keyof MissingPermissions, Set<string>>()
  for (const condition of conditions.flatMap((each) => lacking(each))) {
    const found = missing.get(PLURALS[condition.kind]) ?? new Set()
    for (const name of names(condition)) found.add(name)
    missing.set(PLURALS[condition.kind], found)
  }
  return Object.freeze(Object.fromEntries([...missing].map(([kind, all]) => [kind, Object.freeze([...all])])))
}

/** What the caller would have needed. What it should not have had isn't lacking; each `not` turns one into the other. */
function lacking(condition: Condition, isNeeded = true): readonly NamedCondition[] {
  if (condition.kind === 'not') return lacking(condition.of, !isNeeded)
  if ('of' in condition) return condition.of.flatMap((each) => lacking(each, isNeeded))
  return isNeeded ? [condition] : []
}

function names(condition: NamedCondition): readonly string[] {
  return condition.kind === 'policy' ? condition.anyOf.map(({ name }) => name) : condition.anyOf
}
