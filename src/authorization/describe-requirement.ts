import type { AgentScopes } from './agent-scope.js'
import type { Condition, Requirement } from './requirement.js'

/** Says in one line who may call: "anyone", "any valid token", "role admin or manager, and role auditor". */
export function describeRequirement(requirement: Requirement): string {
  if (requirement.access === 'anonymous') return 'anyone'
  if (requirement.access === 'optional') return 'anyone; a token that is sent has to be valid'
  return [describeCaller(requirement.allOf), ...(requirement.agentScopes ?? []).map(describeAgent)].join(', and ')
}

function describeAgent(anyOf: AgentScopes): string {
  return `an agent with scope ${anyOf.join(' or ')}`
}

function describeCaller(allOf: readonly Condition[]): string {
  if (allOf.length === 0) return 'any valid token'
  return allOf.map(({ kind, anyOf }) => `${kind} ${anyOf.join(' or ')}`).join(', and ')
}
