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
    format: 'auth-list',
    default: ['role'],
    env: 'AUTH_CLIENT_ROLE_CLAIMS',
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
} as const satisfies Record<string, Setting>

/** A setting's name in files and messages. */
export type SettingName = keyof typeof SCHEMA

/** Every setting's name, in the order of the documentation. */
export const SETTING_NAMES = Object.keys(SCHEMA) as readonly SettingName[]
