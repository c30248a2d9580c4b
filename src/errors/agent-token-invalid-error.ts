import { agentChallenge } from './agent-challenge.js'
import { AuthError } from './auth-error.js'
import { TOKEN_INVALID_REASONS, type TokenInvalidCode } from './token-invalid-error.js'

/** Why an agent's token was refused: the codes of users' tokens with `agent_` before them, and one for revoked ones. */
export type AgentTokenInvalidCode = `agent_${TokenInvalidCode | 'token_revoked'}`

/** The credentials don't prove which agent is at work; the request ends with 401. */
export class AgentTokenInvalidError extends AuthError {
  override readonly name = 'AgentTokenInvalidError'
  readonly status = 401

  constructor(
    readonly code: AgentTokenInvalidCode,
    options?: ErrorOptions,
  ) {
    super(`Invalid agent token: ${reason(code)}`, { ...options, headers: agentChallenge('error="invalid_token"') })
  }
}

function reason(code: AgentTokenInvalidCode): string {
  if (code === 'agent_token_revoked') return 'it has been revoked'
  return TOKEN_INVALID_REASONS[code.slice('agent_'.length) as TokenInvalidCode]
}
