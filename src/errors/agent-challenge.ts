/**
 * The scheme of challenges that are about an agent's token, the one in `X-Agent-Authorization`.
 *
 * A `Bearer` challenge speaks of the `Authorization` header (RFC 6750, section 3), and clients that know it would
 * throw away the user's token, which is good. A scheme that a client doesn't know leaves that token alone
 * (RFC 9110, section 11.6.1), and one that it knows tells which of the two has to be replaced. Its parameters are
 * those of `Bearer`.
 */
export const AGENT_SCHEME = 'AgentBearer'

/** @internal The header of a response that asks for another agent's token, or for one at all. */
export function agentChallenge(parameters = ''): { readonly 'WWW-Authenticate': string } {
  return { 'WWW-Authenticate': parameters === '' ? AGENT_SCHEME : `${AGENT_SCHEME} ${parameters}` }
}
