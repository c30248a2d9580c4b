import { randomUUID } from 'node:crypto'
import type { TestClaims } from './test-claims.js'

/**
 * An agent's claims over the usual ones: any JSON value is written as it is, right or wrong; `undefined` removes the
 * claim. Names are those of `AgentClaims`, or the token's own (`task_type`).
 *
 * Usual are `sub: 'agent'`, `userId: 'user'`, `taskType: 'test'`, a random `taskId`, and no scopes.
 */
export interface TestAgentClaims {
  /** Default: 'agent'. */
  readonly sub?: unknown
  readonly taskType?: unknown
  readonly taskId?: unknown
  readonly userId?: unknown
  readonly sessionId?: unknown
  readonly conversationId?: unknown
  readonly orgId?: unknown
  readonly role?: unknown
  readonly spendLimit?: unknown
  /** What the agent may do. Default: nothing. */
  readonly scopes?: unknown
  readonly parentChain?: unknown
  readonly [claim: string]: unknown
}

/** What tokens call the claims that `AgentClaims` has other names for. */
const CLAIMS: ReadonlyMap<string, string> = new Map([
  ['taskType', 'task_type'],
  ['taskId', 'task_id'],
  ['userId', 'user_id'],
  ['sessionId', 'session_id'],
  ['conversationId', 'conversation_id'],
  ['orgId', 'org_id'],
  ['spendLimit', 'spend_limit'],
  ['parentChain', 'parent_chain'],
])

/** The claims as they stand in a token. */
export function agentTokenClaims(claims: TestAgentClaims): TestClaims {
  const usual = { sub: 'agent', task_type: 'test', task_id: randomUUID(), user_id: 'user', scopes: [] }
  const given = Object.entries(claims).map(([name, value]) => [CLAIMS.get(name) ?? name, value])
  return { ...usual, ...Object.fromEntries(given) }
}
