import { AuthError } from './auth-error.js'

/** What is wrong with the way credentials were sent. */
export type MalformedRequestCode = 'bearer_malformed' | 'credentials_repeated' | 'target_malformed'

const TEXTS: Readonly<Record<MalformedRequestCode, string>> = {
  bearer_malformed: 'Malformed Authorization header: expected Bearer and a single token',
  credentials_repeated: 'Malformed request: it carries more than one set of credentials',
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
    super(TEXTS[code], { ...options, headers: { 'WWW-Authenticate': 'Bearer error="invalid_request"' } })
  }
}
