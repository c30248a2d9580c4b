import type { FormatName } from './formats.js'

interface Setting {
  readonly doc: string
  readonly format: FormatName
  readonly default: unknown
  readonly env: string
  readonly sensitive?: true
}

/** Every setting by its name in files, in the order of the documentation. */
export const SCHEMA = {
  enabled: {
    doc: 'false opens every route and enforces nothing.',
    format: 'auth-boolean',
    default: true,
    env: 'AUTH_CLIENT_ENABLED',
  },
  issuer: {
    doc: 'The exact iss of every token, an https URL (http only for loopback hosts).',
    format: 'auth-issuer',
    default: '',
    env: 'AUTH_CLIENT_ISSUER',
  },
  audience: {
    doc: 'Accepted aud values; a token needs one of them.',
    format: 'auth-list',
    default: [],
    env: 'AUTH_CLIENT_AUDIENCE',
  },
  jwks_endpoint: {
    doc: 'Where the key set is; empty means it is discovered from the issuer.',
    format: 'auth-url',
    default: '',
    env: 'AUTH_CLIENT_JWKS_ENDPOINT',
  },
  jwks_ttl_seconds: {
    doc: 'Age at which the key set is refreshed, in seconds.',
    format: 'auth-positive',
    default: 300,
    env: 'AUTH_CLIENT_JWKS_TTL_SECONDS',
  },
  jwks_cooldown_seconds: {
    doc: 'Least time between two fetches caused by unknown key ids, in seconds, counted from the attempt.',
    format: 'auth-positive',
    default: 10,
    env: 'AUTH_CLIENT_JWKS_COOLDOWN_SECONDS',
  },
  jwks_max_stale_seconds: {
    doc: 'How long a key set outlives its TTL while the endpoint is down, in seconds.',
    format: 'auth-nat',
    default: 3600,
    env: 'AUTH_CLIENT_JWKS_MAX_STALE_SECONDS',
  },
  jwks_timeout_ms: {
    doc: 'One fetch from connect to last byte, in milliseconds.',
    format: 'auth-positive',
    default: 5000,
    env: 'AUTH_CLIENT_JWKS_TIMEOUT_MS',
  },
  accepted_algorithms: {
    doc: 'Signature algorithms a token may use.',
    format: 'auth-algorithms',
    default: ['RS256'],
    env: 'AUTH_CLIENT_ACCEPTED_ALGORITHMS',
  },
  token_types: {
    doc: 'Accepted typ headers, in any letter case; a token without typ is accepted.',
    format: 'auth-names',
    default: ['JWT', 'at+jwt'],
    env: 'AUTH_CLIENT_TOKEN_TYPES',
  },
  clock_tolerance_seconds: {
    doc: 'Clock drift accepted when checking exp, nbf and iat, in seconds.',
    format: 'auth-nat',
    default: 5,
    env: 'AUTH_CLIENT_CLOCK_TOLERANCE_SECONDS',
  },
  max_token_age_seconds: {
    doc: 'Longest time since iat, in seconds; 0 means no limit beyond exp.',
    format: 'auth-nat',
    default: 0,
    env: 'AUTH_CLIENT_MAX_TOKEN_AGE_SECONDS',
  },
  max_token_bytes: {
    doc: 'Longer credentials are refused before any parsing, in bytes.',
    format: 'auth-positive',
    default: 8192,
    env: 'AUTH_CLIENT_MAX_TOKEN_BYTES',
  },
  role_claims: {
    doc: 'Claim paths that hold roles: the whole name is tried first, then the dots are followed.',
    format: 'auth-claim-paths',
    default: ['role'],
    env: 'AUTH_CLIENT_ROLE_CLAIMS',
  },
  group_claims: {
    doc: 'Claim paths that hold groups, as lists; those of all of them count.',
    format: 'auth-claim-paths',
    default: ['groups'],
    env: 'AUTH_CLIENT_GROUP_CLAIMS',
  },
  scope_claims: {
    doc: 'Claim paths that hold scopes, separated by spaces or as a list; the first that a token has counts.',
    format: 'auth-claim-paths',
    default: ['scope', 'scp'],
    env: 'AUTH_CLIENT_SCOPE_CLAIMS',
  },
  permission_claims: {
    doc: 'Claim paths that hold permissions, as lists; those of all of them count.',
    format: 'auth-claim-paths',
    default: ['permissions'],
    env: 'AUTH_CLIENT_PERMISSION_CLAIMS',
  },
  audience_claims: {
    doc: 'Claim paths that hold audiences; a token needs an accepted one at one of them.',
    format: 'auth-needed-claim-paths',
    default: ['aud'],
    env: 'AUTH_CLIENT_AUDIENCE_CLAIMS',
  },
  required_claims: {
    doc: 'Claim paths and the values accepted there, true for any; a token needs one at each path. JSON in the environment.',
    format: 'auth-required-claims',
    default: {},
    env: 'AUTH_CLIENT_REQUIRED_CLAIMS',
  },
  refused_claims: {
    doc: 'Claim paths and the values refused there; a token must have none of them. JSON in the environment.',
    format: 'auth-claim-values',
    default: {},
    env: 'AUTH_CLIENT_REFUSED_CLAIMS',
  },
  issuers: {
    doc: 'Several issuers in place of issuer, each with settings of its own over those given here. JSON in the environment.',
    format: 'auth-issuers',
    default: [],
    env: 'AUTH_CLIENT_ISSUERS',
  },
  role_hierarchy: {
    doc: 'Roles and the roles that their holders have as well, and so on down. JSON in the environment.',
    format: 'auth-hierarchy',
    default: {},
    env: 'AUTH_CLIENT_ROLE_HIERARCHY',
  },
  scope_wildcards: {
    doc: 'true lets a granted orders:* cover orders and everything below it, and * everything.',
    format: 'auth-boolean',
    default: false,
    env: 'AUTH_CLIENT_SCOPE_WILDCARDS',
  },
  decision_timeout_ms: {
    doc: 'How long a RoleResolver or a policy may take, in milliseconds.',
    format: 'auth-positive',
    default: 5000,
    env: 'AUTH_CLIENT_DECISION_TIMEOUT_MS',
  },
  error_detail: {
    doc: 'full or minimal: minimal keeps the names of roles, scopes and the like out of responses.',
    format: 'auth-error-detail',
    default: 'full',
    env: 'AUTH_CLIENT_ERROR_DETAIL',
  },
  token_cache_size: {
    doc: 'How many verified tokens are remembered, at most 1000000; 0 remembers none.',
    format: 'auth-cache-size',
    default: 10000,
    env: 'AUTH_CLIENT_TOKEN_CACHE_SIZE',
  },
  profile: {
    doc: 'A profile that tokens have to follow beyond the usual checks: rfc9068 for OAuth 2.0 access tokens.',
    format: 'auth-profile',
    default: '',
    env: 'AUTH_CLIENT_PROFILE',
  },
  revocation_endpoint: {
    doc: 'Where the list of revoked tokens is polled; empty means no list.',
    format: 'auth-url',
    default: '',
    env: 'AUTH_CLIENT_REVOCATION_ENDPOINT',
  },
  revocation_ttl_seconds: {
    doc: 'How often it is polled, in seconds.',
    format: 'auth-delay',
    default: 15,
    env: 'AUTH_CLIENT_REVOCATION_TTL_SECONDS',
  },
  revocation_bearer: {
    doc: 'The bearer token for that endpoint. Secret.',
    format: 'auth-secret',
    default: '',
    env: 'AUTH_CLIENT_REVOCATION_BEARER',
    sensitive: true,
  },
  revocation_fail_open: {
    doc: 'true judges tokens by the last list, however old, while no newer one can be had.',
    format: 'auth-boolean',
    default: false,
    env: 'AUTH_CLIENT_REVOCATION_FAIL_OPEN',
  },
  require_explicit: {
    doc: 'true makes a route without any security decorator a start-up error.',
    format: 'auth-boolean',
    default: false,
    env: 'AUTH_CLIENT_REQUIRE_EXPLICIT',
  },
  dev_keys: {
    doc: 'true accepts development tokens, signed by the keys in .auth-dev; an error where NODE_ENV is production.',
    format: 'auth-boolean',
    default: false,
    env: 'AUTH_CLIENT_DEV_KEYS',
  },
} as const satisfies Record<string, Setting>

/** A setting's name in files and messages. */
export type SettingName = keyof typeof SCHEMA

/** Every setting's name, in the order of the documentation. */
export const SETTING_NAMES = Object.keys(SCHEMA) as readonly SettingName[]

/** The settings that each of several issuers may have for itself, in the order of the documentation. */
export const ISSUER_SETTING_NAMES = [
  'issuer',
  'audience',
  'jwks_endpoint',
  'jwks_ttl_seconds',
  'jwks_cooldown_seconds',
  'jwks_max_stale_seconds',
  'jwks_timeout_ms',
  'accepted_algorithms',
  'token_types',
  'clock_tolerance_seconds',
  'max_token_age_seconds',
  'role_claims',
  'group_claims',
  'scope_claims',
  'permission_claims',
  'audience_claims',
  'required_claims',
  'refused_claims',
  'profile',
] as const satisfies readonly SettingName[]
