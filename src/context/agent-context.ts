import { agentScopes, unmetAgentScopes } from '../authorization/agent-scope.js'
import type { NonEmpty } from '../authorization/condition.js'
import { type AgentClaims, toAgentClaims } from '../tokens/agent-claims.js'
import { requireAgent, requireAgentScopes } from './require-agent-scopes.js'
import { currentScope, lastingScope, runInScope } from './security-scope.js'

const NOTHING: readonly string[] = Object.freeze([])
const EMPTY_CLAIMS = toAgentClaims({})

/**
 * Which agent is at work for the caller, from any line that runs inside the request: `SecurityContext` tells who
 * the caller is. The context lives exactly as long, and `SecurityContext.bind` carries both.
 *
 * A request has an agent when it came with a valid token in `X-Agent-Authorization`. On a route with optional
 * authentication that may be so without any caller. Everything returned is frozen.
 *
 * @example
 * ```ts
 * import { AgentContext, SecurityContext } from 'inversify-koa-auth'
 *
 * export function signature() {
 *   const { sub } = SecurityContext.require()
 *   return AgentContext.isPresent() ? `${AgentContext.require().sub} for ${sub}` : sub
 * }
 * ```
 */
export abstract class AgentContext {
  /** The agent's claims; `undefined` when no agent is at work. */
  static get(): AgentClaims | undefined {
    return currentScope()?.agent
  }

  /**
   * The agent's claims. While `enabled` is false they are all empty: no agent is at work, and none has to be.
   *
   * @throws {AgentTokenMissingError} when no agent is at work.
   */
  static require(): AgentClaims {
    return currentScope()?.enforced === false ? (AgentContext.get() ?? EMPTY_CLAIMS) : requireAgent()
  }

  /** Whether an agent is at work. */
  static isPresent(): boolean {
    return AgentContext.get() !== undefined
  }

  /** The agent's scopes as its token has them, wildcards included; empty when no agent is at work. */
  static getScopes(): readonly string[] {
    return AgentContext.get()?.scopes ?? NOTHING
  }

  /**
   * Whether the agent may do any one of these: a granted `treasury:*` counts for `treasury:write`.
   *
   * @throws {TypeError} without scopes, or with an empty one.
   */
  static hasScope(...anyOf: NonEmpty<string>): boolean {
    return unmetAgentScopes([agentScopes(anyOf)], AgentContext.getScopes()).length === 0
  }

  /**
   * Goes on only for an agent who may do any one of these. Requires nothing while `enabled` is false.
   *
   * @throws {AgentTokenMissingError} when no agent is at work.
   * @throws {AgentScopeMissingError} when the agent may do none of them.
   * @throws {TypeError} without scopes, or with an empty one.
   */
  static requireScope(...anyOf: NonEmpty<string>): void {
    requireAgentScopes([agentScopes(anyOf)])
  }

  /**
   * Runs work that an agent (or, with `undefined`, none) does for the current caller, for jobs, queues and tests.
   *
   * `SecurityContext.run` starts without an agent: put this one inside of it.
   *
   * @returns what the work returns
   * @throws {TypeError} for an agent whose scopes are no list.
   */
  static run<Result>(agent: AgentClaims | undefined, work: () => Result): Result {
    if (agent !== undefined && !Array.isArray(agent.scopes)) throw new TypeError('agent scopes have to be a list')
    return runInScope({ ...lastingScope(), agent, lifetime: currentScope()?.lifetime }, work)
  }
}
