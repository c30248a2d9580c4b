import type Koa from 'koa'
import { AGENT_HEADER } from '../authentication/agent-token.js'
import { type AgentShortfall, agentShortfall } from '../authorization/agent-scope.js'
import type { Principal } from '../authorization/principal.js'
import type { Requirement } from '../authorization/requirement.js'
import { agentRefusal } from '../errors/agent-refusal.js'
import { AgentTokenMissingError } from '../errors/agent-token-missing-error.js'
import type { AgentClaims } from '../tokens/agent-claims.js'
import { publishAgentRejected } from './authentication-events.js'
import type { Authenticator } from './authenticator.js'
import type { Work } from './within-scope.js'

type Caller = Principal | undefined

/**
 * What follows once everybody is known: the decision, and the rest of the route.
 *
 * @param lacking what the agent at work lacks; absent where nothing is asked of it, so wherever there is no caller
 */
export type Decide = (
  caller: Caller,
  ctx: Koa.Context,
  work: Work,
  agent?: AgentClaims,
  lacking?: AgentShortfall,
) => Promise<void> | undefined

/**
 * Finds out which agent is at work for a caller, who is known already, and what it lacks to do this.
 *
 * Without the header, a route that asks for no agent goes on at once. A header that is there has to be good on every
 * route that looks at tokens at all, with or without a caller.
 *
 * @param route method and path pattern, for events
 * @param decide goes on, given the agent where there is one: whether the two may is decided together
 */
export function agentAuthentication(
  requirement: Requirement,
  authenticator: Authenticator,
  route: string | undefined,
  decide: Decide,
): (caller: Caller, ctx: Koa.Context, work: Work) => Promise<void> | undefined {
  const required = (requirement.access === 'authenticated' && requirement.agentScopes) || []
  const isRequired = required.length > 0

  const rejected = (ctx: Koa.Context, cause: unknown): never => {
    const error = agentRefusal(cause)
    publishAgentRejected(error, ctx.req.headers[AGENT_HEADER], route)
    throw error
  }
  const authenticated = (ctx: Koa.Context): AgentClaims | undefined | Promise<AgentClaims> => {
    try {
      const agent = authenticator.authenticateAgent(ctx.req)
      if (agent instanceof Promise) return agent.catch((error) => rejected(ctx, error))
      if (agent === undefined && isRequired) throw new AgentTokenMissingError()
      return agent
    } catch (error) {
      return rejected(ctx, error)
    }
  }
  /** Like the caller, the agent is in `ctx.state` before anything is decided: for access logs, and for policies. */
  const goOn = (agent: AgentClaims | undefined, caller: Caller, ctx: Koa.Context, work: Work) => {
    ctx.state['agent'] = agent
    return decide(caller, ctx, work, agent, agent && agentShortfall(agent, required))
  }
  return (caller, ctx, work) => {
    if (!isRequired && ctx.req.headers[AGENT_HEADER] === undefined) return decide(caller, ctx, work)
    const agent = authenticated(ctx)
    return agent instanceof Promise ? agent.then((it) => goOn(it, caller, ctx, work)) : goOn(agent, caller, ctx, work)
  }
}
