import { type AgentScopes, type AgentShortfall, agentShortfall } from '../authorization/agent-scope.js'
import { AgentTokenMissingError } from '../errors/agent-token-missing-error.js'
import type { AgentClaims } from '../tokens/agent-claims.js'
import { refuse } from './refuse.js'
import { currentScope } from './security-scope.js'

/**
 * The agent at work.
 *
 * @throws {AgentTokenMissingError} when there is none.
 */
export function requireAgent(): AgentClaims {
  const agent = currentScope()?.agent
  if (agent === undefined) throw new AgentTokenMissingError()
  return agent
}

/**
 * What the agent at work lacks of these lists; `undefined` when it has one scope of each, or for no lists.
 *
 * @throws {AgentTokenMissingError} when no agent is at work.
 */
export function currentAgentShortfall(required: readonly AgentScopes[]): AgentShortfall | undefined {
  return required.length === 0 ? undefined : agentShortfall(requireAgent(), required)
}

/**
 * Goes on only for an agent who has one scope of each list, or where security is switched off, or for no lists.
 *
 * @throws {AgentTokenMissingError} when no agent is at work.
 * @throws {AgentScopeMissingError} naming every list that isn't met.
 */
export function requireAgentScopes(required: readonly AgentScopes[]): void {
  const scope = currentScope()
  if (scope?.enforced === false) return
  const lacking = currentAgentShortfall(required)
  if (lacking !== undefined) refuse({ principal: scope?.principal, route: scope?.route }, [], lacking)
}
