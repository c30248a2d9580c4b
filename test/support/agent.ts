import { AgentContext, SecurityContext } from 'inversify-koa-auth'
import type { ExpectedProblem } from './expect-problem.js'

/** Who is at work, as it looks from the line that asks. */
export function whoIsAtWork(): { readonly caller: string | null; readonly agent: string | null } {
  return { caller: SecurityContext.get()?.sub ?? null, agent: AgentContext.get()?.sub ?? null }
}

/** The header an agent's token travels in. */
export function agentHeader(token: string): { readonly headers: Readonly<Record<string, string>> } {
  return { headers: { 'x-agent-authorization': `Bearer ${token}` } }
}

export const NO_AGENT: ExpectedProblem = {
  status: 401,
  detail: 'Endpoint requires X-Agent-Authorization header (agent token)',
  code: 'agent_token_missing',
  challenge: 'AgentBearer',
}

/** An agent's token that is refused for a reason. */
export function invalidAgent(code: string, reason: string): ExpectedProblem {
  return {
    status: 401,
    detail: `Invalid agent token: ${reason}`,
    code,
    challenge: 'AgentBearer error="invalid_token"',
  }
}

export const EXPIRED_AGENT: ExpectedProblem = {
  status: 401,
  detail: 'Agent token has expired',
  code: 'agent_token_expired',
  challenge: 'AgentBearer error="invalid_token"',
}
