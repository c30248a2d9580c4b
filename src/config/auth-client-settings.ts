import type { ServiceIdentifier } from 'inversify'

/** A signature algorithm this library can be told to accept (RFC 7518, section 3.1; RFC 8037; RFC 9964). */
export type SignatureAlgorithm =
  | 'RS256'
  | 'RS384'
  | 'RS512'
  | 'PS256'
  | 'PS384'
  | 'PS512'
  | 'ES256'
  | 'ES384'
  | 'ES512'
  | 'EdDSA'
  | 'ML-DSA-44'
  | 'ML-DSA-65'
  | 'ML-DSA-87'

/**
 * How tokens are judged. Read once at start-up, then frozen.
 *
 * Files and messages call a setting `auth_client.jwks_ttl_seconds`, the environment
 * `AUTH_CLIENT_JWKS_TTL_SECONDS`, TypeScript `jwksTtlSeconds`.
 */
export interface AuthClientSettings {
  /** `false` opens every route and enforces nothing. */
  readonly enabled: boolean
  /** The exact `iss` of every token, an https URL (http only for loopback hosts). */
  readonly issuer: string
  /** Accepted `aud` values; a token needs one of them. */
  readonly audience: readonly string[]
  /** Where the key set is; empty means it is discovered from the issuer. */
  readonly jwksEndpoint: string
  /** Age at which the key set is refreshed, in seconds. */
  readonly jwksTtlSeconds: number
  /** Least time between two fetches caused by unknown key ids, in seconds, counted from the attempt. */
  readonly jwksCooldownSeconds: number
  /** How long a key set outlives its TTL while the endpoint is down, in seconds. */
  readonly jwksMaxStaleSeconds: number
  /** One fetch from connect to last byte, in milliseconds. */
  readonly jwksTimeoutMs: number
  /** Signature algorithms a token may use. */
  readonly acceptedAlgorithms: readonly SignatureAlgorithm[]
  /** Accepted `typ` headers, in any letter case; a token without `typ` is accepted. */
  readonly tokenTypes: readonly string[]
  /** Clock drift accepted when checking `exp`, `nbf` and `iat`, in seconds. */
  readonly clockToleranceSeconds: number
  /** Longest time since `iat`, in seconds; 0 means no limit beyond `exp`. */
  readonly maxTokenAgeSeconds: number
  /** Longer credentials are refused before any parsing, in bytes. */
  readonly maxTokenBytes: number
  /**
   * Claim paths that hold roles: the whole name is tried first, then the dots are followed. A path that begins with
   * `/` is a JSON pointer (RFC 6901), for names with dots in the middle: `/resource_access/my.app/roles`.
   */
  readonly roleClaims: readonly string[]
  /** Claim paths that hold groups, as lists; those of all of them count. */
  readonly groupClaims: readonly string[]
  /** Claim paths that hold scopes, separated by spaces or as a list; the first that a token has counts. */
  readonly scopeClaims: readonly string[]
  /** Claim paths that hold permissions, as lists; those of all of them count. */
  readonly permissionClaims: readonly string[]
  /** Claim paths that hold audiences; a token needs an accepted one at one of them. */
  readonly audienceClaims: readonly string[]
  /**
   * Claim paths and the values accepted there: a token needs one of them, as text or in a list, at each path. `true`
   * accepts any value but `null` and what is empty.
   */
  readonly requiredClaims: Readonly<Record<string, readonly string[] | true>>
  /** Claim paths and the values refused there: a token must have none of them, nor a list with one. `'true'` refuses `true` as well. */
  readonly refusedClaims: Readonly<Record<string, readonly string[]>>
  /**
   * Several issuers in place of `issuer`, each whole: what its entry leaves out is taken from the settings around it.
   * `requiredClaims` and `refusedClaims` around them hold for each, beside its own.
   */
  readonly issuers: readonly IssuerSettings[]
  /** Roles and the roles that their holders have as well, and so on down: `{ admin: ['manager'], manager: ['user'] }`. */
  readonly roleHierarchy: Readonly<Record<string, readonly string[]>>
  /** `true` lets a granted `orders:*` cover `orders` and everything below it, and `*` everything. */
  readonly scopeWildcards: boolean
  /** How long a `RoleResolver` or a policy may take, in milliseconds. */
  readonly decisionTimeoutMs: number
  /** `minimal` keeps the names of roles, scopes and the like out of responses. */
  readonly errorDetail: 'full' | 'minimal'
  /** How many verified tokens are remembered, at most 1,000,000; 0 remembers none. */
  readonly tokenCacheSize: number
  /** A profile that tokens have to follow beyond the usual checks: `rfc9068` for OAuth 2.0 access tokens. */
  readonly profile: '' | 'rfc9068'
  /** Where the list of revoked tokens is polled; empty means no list. */
  readonly revocationEndpoint: string
  /** How often it is polled, in seconds. */
  readonly revocationTtlSeconds: number
  /** The bearer token for that endpoint. Secret. */
  readonly revocationBearer: string
  /** `true` judges tokens by the last list, however old, while no newer one can be had. */
  readonly revocationFailOpen: boolean
  /** `true` makes a route without any security decorator a start-up error. */
  readonly requireExplicit: boolean
  /** `true` accepts development tokens, signed by the keys in `.auth-dev`; an error where `NODE_ENV` is `production`. */
  readonly devKeys: boolean
}

/** The settings in force: `container.get(AuthClientSettings)`. */
export const AuthClientSettings: ServiceIdentifier<AuthClientSettings> = Symbol.for(
  'inversify-koa-auth.AuthClientSettings',
)

/** What is settled for each issuer by itself. The other settings hold for all of them. */
export type IssuerSettings = Pick<
  AuthClientSettings,
  | 'issuer'
  | 'audience'
  | 'jwksEndpoint'
  | 'jwksTtlSeconds'
  | 'jwksCooldownSeconds'
  | 'jwksMaxStaleSeconds'
  | 'jwksTimeoutMs'
  | 'acceptedAlgorithms'
  | 'tokenTypes'
  | 'clockToleranceSeconds'
  | 'maxTokenAgeSeconds'
  | 'roleClaims'
  | 'groupClaims'
  | 'scopeClaims'
  | 'permissionClaims'
  | 'audienceClaims'
  | 'requiredClaims'
  | 'refusedClaims'
  | 'profile'
>

/** A setting as code may give it: a list may also be one string with commas. */
export type SettingOption<Value> = Value | (Value extends readonly string[] ? string : never) | undefined

/** One of several issuers as code may give it: `issuer` is needed, the rest is taken from the settings around it. */
export type IssuerOptions = Pick<IssuerSettings, 'issuer'> & {
  readonly [Name in keyof IssuerSettings as Exclude<Name, 'issuer'>]?: SettingOption<IssuerSettings[Name]>
}

/**
 * Settings as code may give them: every one optional, and a list also as one string with commas.
 *
 * `undefined` means "not given", so that `issuer: process.env.ISSUER` falls through to the next source.
 */
export type AuthClientOptions = {
  readonly [Name in keyof AuthClientSettings]?: Name extends 'issuers'
    ? readonly IssuerOptions[] | undefined
    : SettingOption<AuthClientSettings[Name]>
}
