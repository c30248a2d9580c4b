import { agentChallenge } from './agent-challenge.js'
import { AuthError } from './auth-error.js'

/** The agent's token was good once; the request ends with 401, and a fresh agent's token will do. */
export class AgentTokenExpiredError extends AuthError {
  override readonly name = 'AgentTokenExpiredError'
  readonly status = 401
  readonly code = 'agent_token_expired'

  constructor(options?: ErrorOptions) {
    super('Agent token has expired', { ...options, headers: agentChallenge('error="invalid_token"') })
  }
}
