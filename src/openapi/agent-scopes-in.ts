import type { Requirement } from '../authorization/requirement.js'

/** Every scope that any of these asks of agents, each once. */
export function agentScopesIn(requirements: readonly Requirement[]): readonly string[] {
  const lists = requirements.flatMap((requirement) =>
    requirement.access === 'authenticated' ? (requirement.agentScopes ?? []) : [],
  )
  return [...new Set(lists.flat())].sort()
}
