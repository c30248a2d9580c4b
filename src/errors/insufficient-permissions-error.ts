import { AuthError } from './auth-error.js'

/** What a caller would have needed: for each entry, any one of its values. */
export interface MissingPermissions {
  readonly roles?: readonly string[]
  /** Scopes that the agent would have needed, not the caller. */
  readonly agentScopes?: readonly string[]
}

/** Somebody is signed in and may not do this; the request ends with 403. */
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
      headers: { 'WWW-Authenticate': 'Bearer error="insufficient_scope"' },
      extensions: Object.keys(missing).length === 0 ? {} : { missing },
    })
  }
}
