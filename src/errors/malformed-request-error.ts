import { AGENT_SCHEME } from './agent-challenge.js'
import { AuthError } from './auth-error.js'

/** What is wrong with the way credentials were sent. */
export type MalformedRequestCode =
  | 'bearer_malformed'
  | 'credentials_repeated'
  | 'agent_credentials_repeated'
  | 'target_malformed'

/** @internal One text for every code. */
export const MALFORMED_REQUEST_TEXTS: Readonly<Record<MalformedRequestCode, string>> = {
  bearer_malformed: 'Malformed Authorization header: expected Bearer and a single token',
  credentials_repeated: 'Malformed request: it carries more than one set of credentials',
  agent_credentials_repeated: 'Malformed request: it carries more than one X-Agent-Authorization header',
  target_malformed: 'Malformed request target',
}

/** The credentials, or the request itself, can't even be read; the request ends with 400 (RFC 6750, section 3.1, `invalid_request`). */
export class MalformedRequestError extends AuthError {
  override readonly name = 'MalformedRequestError'
  readonly status = 400

  constructor(
    readonly code: MalformedRequestCode,
    options?: ErrorOptions,
  ) {
    const scheme = code.startsWith('agent_') ? AGENT_SCHEME : 'Bearer'
    super(MALFORMED_REQUEST_TEXTS[code], {
      ...options,
      headers: { 'WWW-Authenticate': `${scheme} error="invalid_request"` },
    })
  }
}
