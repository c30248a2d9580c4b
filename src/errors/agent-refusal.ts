import { AgentTokenExpiredError } from './agent-token-expired-error.js'
import { AgentTokenInvalidError } from './agent-token-invalid-error.js'
import { isAuthError } from './auth-error.js'
import { TOKEN_INVALID_REASONS, type TokenInvalidCode } from './token-invalid-error.js'

/**
 * What a token's refusal is called when the token was an agent's, so that nobody replaces the user's token for it.
 *
 * Failures that are not the token's own (keys that can't be had, a revocation list that can't) stay as they are.
 */
export function agentRefusal(error: unknown): unknown {
  if (!isAuthError(error)) return error
  const { code } = error
  if (code === 'token_expired') return new AgentTokenExpiredError({ cause: error })
  if (code === 'token_revoked') return new AgentTokenInvalidError('agent_token_revoked', { cause: error })
  if (!Object.hasOwn(TOKEN_INVALID_REASONS, code)) return error
  return new AgentTokenInvalidError(`agent_${code as TokenInvalidCode}`, { cause: error })
}
