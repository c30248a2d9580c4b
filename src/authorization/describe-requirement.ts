import type { Requirement } from './requirement.js'

/** Says in one line who may call: "anyone", "any valid token", "role admin or manager, and role auditor". */
export function describeRequirement(requirement: Requirement): string {
  if (requirement.access === 'anonymous') return 'anyone'
  if (requirement.access === 'optional') return 'anyone; a token that is sent has to be valid'
  if (requirement.allOf.length === 0) return 'any valid token'
  return requirement.allOf.map(({ kind, anyOf }) => `${kind} ${anyOf.join(' or ')}`).join(', and ')
}
