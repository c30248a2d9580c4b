import { type AgentScopes, unmetAgentScopes } from '../authorization/agent-scope.js'
import { AgentScopeMissingError } from '../errors/agent-scope-missing-error.js'
import { AgentTokenMissingError } from '../errors/agent-token-missing-error.js'
import { publish } from '../events/auth-event.js'
import type { AgentClaims } from '../tokens/agent-claims.js'
import { currentScope, type SecurityScope } from './security-scope.js'

const NOTHING: readonly string[] = Object.freeze([])

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
 * Goes on only for an agent who has one scope of each list, or where security is switched off, or for no lists.
 *
 * @throws {AgentTokenMissingError} when no agent is at work.
 * @throws {AgentScopeMissingError} naming every list that isn't met.
 */
export function requireAgentScopes(required: readonly AgentScopes[]): void {
  const scope = currentScope()
  if (required.length === 0 || scope?.enforced === false) return
  assertAgentMeets(requireAgent(), required, scope)
}

/** @throws {AgentScopeMissingError} naming every list of which the agent has no scope. */
export function assertAgentMeets(
  agent: AgentClaims,
  required: readonly AgentScopes[],
  { principal, route }: Pick<SecurityScope, 'principal' | 'route'> = { principal: undefined },
): void {
  const unmet = unmetAgentScopes(required, agent.scopes)
  if (unmet.length === 0) return
  const error = new AgentScopeMissingError(unmet)
  publish('denied', () => ({
    subject: principal?.claims.sub ?? '',
    agent: agent.sub,
    roles: principal?.roles ?? NOTHING,
    missing: error.missing,
    route,
  }))
  throw error
}
