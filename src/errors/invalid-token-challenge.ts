import { scopeParameter } from './scope-parameter.js'

/** What an error about a refused token may say besides its text. */
export interface InvalidTokenOptions extends ErrorOptions {
  /** What the caller's next token will have to be granted: part of the challenge (RFC 6750, section 3). */
  readonly scopes?: readonly string[]
}

/** @internal The header of a response that asks for another token of the caller's. */
export function invalidTokenChallenge(scopes: readonly string[] = []): { readonly 'WWW-Authenticate': string } {
  return { 'WWW-Authenticate': `Bearer error="invalid_token"${scopeParameter(scopes, ', ')}` }
}
