import type { AgentScopes } from './agent-scope.js'
import { onceEach } from './once-each.js'
import type { Condition, Requirement } from './requirement.js'

/** Says in one line who may call: "anyone", "any valid token", "role admin or manager, and role auditor". */
export const describeRequirement = onceEach((requirement: Requirement): string => {
  if (requirement.access === 'anonymous') return 'anyone'
  if (requirement.access === 'optional') return 'anyone; a token that is sent has to be valid'
  return [describeCaller(requirement.allOf), ...(requirement.agentScopes ?? []).map(describeAgent)].join(', and ')
})

/** Says what an agent needs: "an agent with scope orders:read". */
export function describeAgent(anyOf: AgentScopes): string {
  return `an agent with scope ${anyOf.map(quoted).join(' or ')}`
}

/** Names that could be taken for words of ours, or for several names, stand in quotation marks. */
function quoted(name: string): string {
  return /^[\w.:/*@+-]+$/.test(name) && !/^(and|or|not)$/.test(name) ? name : JSON.stringify(name)
}

function describeCaller(allOf: readonly Condition[]): string {
  return allOf.length === 0 ? 'any valid token' : allOf.map(describeCondition).join(', and ')
}

/** Says what one condition asks for: "role admin or manager". */
export function describeCondition(condition: Condition): string {
  switch (condition.kind) {
    case 'policy':
      return `policy ${condition.anyOf.map(({ name }) => name).join(' or ')}`
    case 'allOf':
      return `(${condition.of.map(describeCondition).join(' and ')})`
    case 'anyOf':
      return `(${condition.of.map(describeCondition).join(' or ')})`
    case 'not':
      return `not ${describeCondition(condition.of)}`
    default:
      return `${condition.kind} ${condition.anyOf.map(quoted).join(' or ')}`
  }
}
