import { AGENT_SCHEME } from './agent-challenge.js'
import { AuthError } from './auth-error.js'
import { insufficientScope } from './scope-parameter.js'

/** What a caller would have needed, in the names the application chose. Where there is a choice, every one is listed. */
export interface MissingPermissions {
  readonly roles?: readonly string[]
  readonly groups?: readonly string[]
  readonly scopes?: readonly string[]
  readonly permissions?: readonly string[]
  /** Class names of policies that did not permit. */
  readonly policies?: readonly string[]
  /** What was asked for belongs to somebody else. */
  readonly ownership?: true
  /** Scopes that the agent would have needed, not the caller. */
  readonly agentScopes?: readonly string[]
}

/**
 * Somebody is signed in and may not do this; the request ends with 403.
 *
 * The challenge names scopes where scopes are missing (RFC 6750, section 3.1). Where the agent at work may not either,
 * there is one for it as well.
 */
export class InsufficientPermissionsError extends AuthError {
  override readonly name = 'InsufficientPermissionsError'
  readonly status = 403
  readonly code = 'insufficient_permissions'

  /**
   * @param text what is missing, in names the application chose: never a value the caller sent
   * @param missing the same, for programs
   */
  constructor(
    text: string,
    readonly missing: MissingPermissions = {},
    options?: ErrorOptions,
  ) {
    super(text, {
      ...options,
      headers: { 'WWW-Authenticate': challenges(missing) },
      extensions: Object.keys(missing).length === 0 ? {} : { missing },
    })
  }
}

function challenges({ scopes, agentScopes }: MissingPermissions): string {
  const ofCaller = `Bearer ${insufficientScope(scopes)}`
  return agentScopes === undefined ? ofCaller : `${ofCaller}, ${AGENT_SCHEME} ${insufficientScope(agentScopes)}`
}
