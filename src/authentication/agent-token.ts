import type { IncomingMessage } from 'node:http'
import { AgentTokenInvalidError } from '../errors/agent-token-invalid-error.js'
import { MalformedRequestError } from '../errors/malformed-request-error.js'
import { isB64Token, isRepeated, tokenIn } from './bearer-token.js'

/** Where an agent's token travels, beside the user's own in `Authorization`; in lower case, as Node.js has it. */
export const AGENT_HEADER = 'x-agent-authorization'

/**
 * Reads the agent's token from a request's `X-Agent-Authorization` header, by the grammar of `Authorization`
 * (RFC 6750, section 2.1).
 *
 * No header means that no agent is at work: `undefined`. One that is there is an agent's, whatever it holds: no other
 * scheme belongs in it, and an empty one is an attempt that failed.
 *
 * @throws {MalformedRequestError} for more than one such header.
 * @throws {AgentTokenInvalidError} for anything but Bearer credentials.
 */
export function agentToken({
  headers,
  rawHeaders,
}: Pick<IncomingMessage, 'headers' | 'rawHeaders'>): string | undefined {
  const header = headers[AGENT_HEADER]
  if (header === undefined) return undefined
  if (isRepeated(rawHeaders, AGENT_HEADER)) throw new MalformedRequestError('agent_credentials_repeated')
  const token = tokenIn(String(header))
  if (token === undefined) throw new AgentTokenInvalidError('agent_token_malformed')
  return token
}

/**
 * Lets a single token through.
 *
 * @throws {AgentTokenInvalidError} when the credentials are anything else: none, several, or in other characters.
 */
export function assertAgentB64Token(token: string): void {
  if (!isB64Token(token)) throw new AgentTokenInvalidError('agent_token_malformed')
}
