import type { MissingPermissions } from '../../errors/insufficient-permissions-error.js'
import type { TokenInvalidCode } from '../../errors/token-invalid-error.js'

type Code = TokenInvalidCode | 'token_expired' | 'keys_unavailable'

/** What to do about a token that is refused, by the code of the refusal. */
const ADVICE: Readonly<Record<Code, string>> = {
  token_too_long: 'ask the issuer for fewer claims (groups, mostly), or raise auth_client.max_token_bytes.',
  token_malformed:
    'send the access token as it was issued. Opaque and encrypted tokens are not supported; some issuers make a JWT only when asked for an audience.',
  header_unsupported: 'have the issuer make plain signed tokens: no crit, b64, zip or enc, no token inside a token.',
  algorithm_refused: 'add the algorithm to auth_client.accepted_algorithms if the issuer really signs with it.',
  type_refused:
    'send an access token; this may be an ID or refresh token. If the issuer calls access tokens so, add the type to auth_client.token_types.',
  key_unknown:
    'see whether the token comes from this issuer and environment, and whether its key is still published; the doctor command lists the keys.',
  signature_mismatch: 'get the token anew: it has been altered, or signed by somebody else under the same key id.',
  issuer_mismatch: "set auth_client.issuer to the token's iss, to the letter, if that is the issuer you trust.",
  audience_mismatch:
    "ask the issuer for a token for this API, or add the token's audience to auth_client.audience if it means this API.",
  expiry_missing: 'have the issuer set exp; tokens without an end are never accepted.',
  not_yet_valid:
    'compare the clocks of the issuer and of this machine; auth_client.clock_tolerance_seconds allows for drift.',
  issued_in_future:
    'compare the clocks of the issuer and of this machine; auth_client.clock_tolerance_seconds allows for drift.',
  issue_time_missing: 'have the issuer set iat, or leave auth_client.max_token_age_seconds at 0.',
  token_too_old: 'get a new token, or raise auth_client.max_token_age_seconds.',
  profile_mismatch: 'have the issuer follow RFC 9068 (sub, iat, jti, client_id), or leave auth_client.profile empty.',
  claim_missing: 'see auth_client.required_claims: the token lacks something it asks for, and may be no access token.',
  claim_refused: 'see auth_client.refused_claims: this is probably not an access token.',
  claim_malformed:
    'have the issuer write registered claims as RFC 7519 says: text for iss, sub, aud and jti, numbers for times.',
  token_expired:
    'get a new token, by refreshing or by signing in again. If it was issued just now, compare the clocks.',
  keys_unavailable:
    "see to it that the issuer's keys can be fetched from here; the doctor command says what is in the way.",
}

/** What to do about a refusal; `undefined` for one that isn't ours. */
export function advice(code: string): string | undefined {
  return Object.hasOwn(ADVICE, code) ? ADVICE[code as Code] : undefined
}

/** Where the application looks for what callers hold. */
const PLACES: readonly (readonly [keyof MissingPermissions, string])[] = [
  ['roles', 'auth_client.role_claims or the RoleResolver'],
  ['groups', 'auth_client.group_claims'],
  ['scopes', 'auth_client.scope_claims'],
  ['permissions', 'auth_client.permission_claims'],
]

/** What to do for a caller whose token is good, but who may not. */
export function routeAdvice(missing: MissingPermissions): string {
  const places = PLACES.flatMap(([kind, place]) => (missing[kind] === undefined ? [] : [place]))
  if (places.length === 0) return 'call it as somebody else: the route keeps out who holds what it names.'
  return `have the issuer grant what is missing, then get a new token. If the token says it already, see ${places.join(' and ')}.`
}
