import { agentChallenge } from './agent-challenge.js'
import { AuthError } from './auth-error.js'
import type { MissingPermissions } from './insufficient-permissions-error.js'
import { insufficientScope } from './scope-parameter.js'

/** The agent is known and may not do this, whatever the person it works for may; the request ends with 403. */
export class AgentScopeMissingError extends AuthError {
  override readonly name = 'AgentScopeMissingError'
  readonly status = 403
  readonly code = 'agent_scope_missing'
  /** What would have been needed, for programs. */
  readonly missing: MissingPermissions

  /** @param unmet lists of scopes, of each of which the agent would have needed one: names the application chose */
  constructor(unmet: readonly (readonly string[])[], options?: ErrorOptions) {
    const scopes = Object.freeze([...new Set(unmet.flat())])
    const missing = Object.freeze({ agentScopes: scopes })
    const lists = unmet.map((anyOf) => anyOf.join(', ')).join('; and one of: ')
    super(`Agent missing required scope; required one of: ${lists}`, {
      ...options,
      headers: agentChallenge(insufficientScope(scopes)),
      extensions: { missing },
    })
    this.missing = missing
  }
}
