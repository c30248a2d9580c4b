import { AuthError } from './auth-error.js'
import { type InvalidTokenOptions, invalidTokenChallenge } from './invalid-token-challenge.js'

/** Why a token was refused: one code per cause. */
export type TokenInvalidCode =
  | 'token_too_long'
  | 'token_malformed'
  | 'header_unsupported'
  | 'algorithm_refused'
  | 'type_refused'
  | 'key_unknown'
  | 'signature_mismatch'
  | 'issuer_mismatch'
  | 'audience_mismatch'
  | 'expiry_missing'
  | 'not_yet_valid'
  | 'issued_in_future'
  | 'issue_time_missing'
  | 'token_too_old'
  | 'profile_mismatch'
  | 'claim_missing'
  | 'claim_refused'
  | 'claim_malformed'

/** @internal Agents' tokens are refused for the same reasons. */
export const TOKEN_INVALID_REASONS: Readonly<Record<TokenInvalidCode, string>> = {
  token_too_long: 'it is too long',
  token_malformed: 'it is not a well-formed signed JWT',
  header_unsupported: 'its header asks for something that is not supported',
  algorithm_refused: 'its algorithm is not accepted',
  type_refused: 'its type is not accepted',
  key_unknown: 'no key of the issuer matches it',
  signature_mismatch: 'the signature does not match',
  issuer_mismatch: 'it comes from another issuer',
  audience_mismatch: 'it is meant for another audience',
  expiry_missing: 'it has no expiry',
  not_yet_valid: 'it is not valid yet',
  issued_in_future: 'it was issued in the future',
  issue_time_missing: 'it does not say when it was issued',
  token_too_old: 'it was issued too long ago',
  profile_mismatch: 'it lacks claims that access tokens must have',
  claim_missing: 'it lacks a claim that this application requires',
  claim_refused: 'it carries a claim that this application refuses',
  claim_malformed: 'one of its claims is malformed',
}

/** The credentials don't prove who is calling; the request ends with 401. */
export class TokenInvalidError extends AuthError {
  override readonly name = 'TokenInvalidError'
  readonly status = 401

  constructor(
    readonly code: TokenInvalidCode,
    { scopes, ...options }: InvalidTokenOptions = {},
  ) {
    super(`Invalid token: ${TOKEN_INVALID_REASONS[code]}`, { ...options, headers: invalidTokenChallenge(scopes) })
  }
}
