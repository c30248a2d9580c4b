import type { AgentClaims } from '../tokens/agent-claims.js'
import { coversScope } from './scope-grant.js'

/** The scopes of one `@RequiresAgentScope`: any one of them will do. */
export type AgentScopes = readonly string[]

/** An agent that may not go on, and the lists of which it has no scope. */
export interface AgentShortfall {
  readonly agent: AgentClaims
  readonly unmet: readonly AgentScopes[]
}

/** What keeps an agent from going on; `undefined` when it has one scope of each list. */
export function agentShortfall(agent: AgentClaims, required: readonly AgentScopes[]): AgentShortfall | undefined {
  const unmet = unmetAgentScopes(required, agent.scopes)
  return unmet.length === 0 ? undefined : { agent, unmet }
}

/** The lists of which the agent meets no scope; empty means the agent may go on. */
export function unmetAgentScopes(required: readonly AgentScopes[], granted: AgentScopes): readonly AgentScopes[] {
  return required.filter((anyOf) => !anyOf.some((scope) => coversScope(granted, scope)))
}

/**
 * The scopes as a list of which any one is enough: sorted, each of them once.
 *
 * @throws {TypeError} without scopes, or with one that isn't a non-empty string.
 */
export function agentScopes(scopes: AgentScopes): AgentScopes {
  if (!Array.isArray(scopes)) throw new TypeError('agent scopes have to be a list')
  if (scopes.length === 0) throw new TypeError('at least one agent scope is needed: an empty list would let nobody in')
  if (!scopes.every((scope) => typeof scope === 'string' && scope !== '')) {
    throw new TypeError('every agent scope has to be a non-empty string')
  }
  return Object.freeze([...new Set(scopes)].sort())
}
