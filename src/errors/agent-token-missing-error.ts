import { agentChallenge } from './agent-challenge.js'
import { AuthError } from './auth-error.js'

/** No agent is at work where one has to be; the request ends with 401. */
export class AgentTokenMissingError extends AuthError {
  override readonly name = 'AgentTokenMissingError'
  readonly status = 401
  readonly code = 'agent_token_missing'

  constructor(options?: ErrorOptions) {
    const text = 'Endpoint requires X-Agent-Authorization header (agent token)'
    super(text, { ...options, headers: agentChallenge() })
  }
}
