import type { JWTPayload } from 'jose'
import type { IssuerSettings } from '../config/auth-client-settings.js'
import { type Actor, actorsOf } from './actors.js'
import { claimAt } from './claim-at.js'

/**
 * The claims of a verified token, by their usual names, with one type each.
 *
 * A claim that is absent, or of another type than expected, reads as empty. Everything is frozen.
 */
export interface TokenClaims {
  /** `sub`: who is calling, in the issuer's terms; '' when absent. */
  readonly sub: string
  /** `email`; '' when absent. */
  readonly email: string
  /** `role`, where it is a single string; '' otherwise. See `SecurityContext.getRoles()` for all roles. */
  readonly role: string
  /** `org_id`: the tenant; '' when absent. */
  readonly orgId: string
  /** `jti`: the token's own id; '' when absent. */
  readonly jti: string
  /** `groups`, or what stands at `group_claims`. */
  readonly groups: readonly string[]
  /** `scope` (separated by spaces) or `scp` (the same, or a list), or what stands at `scope_claims`. */
  readonly scopes: readonly string[]
  /** `permissions`, or what stands at `permission_claims`. */
  readonly permissions: readonly string[]
  /** `preferred_username`; '' when absent. */
  readonly username: string
  /** `name`; '' when absent. */
  readonly name: string
  /** `email_verified`; false when absent. */
  readonly emailVerified: boolean
  /** `iss`. */
  readonly issuer: string
  /** `aud`, as a list. */
  readonly audience: readonly string[]
  /** `exp`, in seconds since 1970. */
  readonly expiresAt: number
  /** `iat`, in seconds since 1970; 0 when absent. */
  readonly issuedAt: number
  /** `client_id`, `azp`, `cid` or `appid`: the application the token was issued to; '' when absent. */
  readonly clientId: string
  /** `act` (RFC 8693, section 4.1): who acts for the subject at present, then who did before; empty when nobody does. */
  readonly actors: readonly Actor[]
}

/** Where groups, scopes and permissions stand in a token. */
export type ClaimPaths = Pick<IssuerSettings, 'groupClaims' | 'scopeClaims' | 'permissionClaims'>

const USUAL_PATHS: ClaimPaths = {
  groupClaims: ['groups'],
  scopeClaims: ['scope', 'scp'],
  permissionClaims: ['permissions'],
}

/** Reads the usual claims of a payload. Never throws, whatever the payload holds. */
export function toTokenClaims(payload: Readonly<JWTPayload>, paths: ClaimPaths = USUAL_PATHS): TokenClaims {
  return new Claims(payload, paths)
}

/** A class for V8's sake; see `KnownToken`. */
class Claims implements TokenClaims {
  readonly sub: string
  readonly email: string
  readonly role: string
  readonly orgId: string
  readonly jti: string
  readonly groups: readonly string[]
  readonly scopes: readonly string[]
  readonly permissions: readonly string[]
  readonly username: string
  readonly name: string
  readonly emailVerified: boolean
  readonly issuer: string
  readonly audience: readonly string[]
  readonly expiresAt: number
  readonly issuedAt: number
  readonly clientId: string
  readonly actors: readonly Actor[]

  constructor(payload: Readonly<JWTPayload>, paths: ClaimPaths) {
    this.sub = text(payload, 'sub')
    this.email = text(payload, 'email')
    this.role = text(payload, 'role')
    this.orgId = text(payload, 'org_id')
    this.jti = text(payload, 'jti')
    this.groups = textsAt(payload, paths.groupClaims)
    this.scopes = wordsAt(payload, paths.scopeClaims)
    this.permissions = textsAt(payload, paths.permissionClaims)
    this.username = text(payload, 'preferred_username')
    this.name = text(payload, 'name')
    this.emailVerified = payload['email_verified'] === true
    this.issuer = text(payload, 'iss')
    this.audience = typeof payload.aud === 'string' ? Object.freeze([payload.aud]) : texts(payload.aud)
    this.expiresAt = number(payload.exp)
    this.issuedAt = number(payload.iat)
    this.clientId = firstText(payload, CLIENT_CLAIMS)
    this.actors = actorsOf(payload['act'])
    Object.freeze(this)
  }
}

/** RFC 8693 and RFC 9068, OpenID Connect, Okta, Entra's version 1. */
const CLIENT_CLAIMS = ['client_id', 'azp', 'cid', 'appid']

const NOTHING: readonly string[] = Object.freeze([])

function text(payload: Readonly<JWTPayload>, name: string): string {
  const value = payload[name]
  return typeof value === 'string' ? value : ''
}

function firstText(payload: Readonly<JWTPayload>, names: readonly string[]): string {
  for (const name of names) {
    const value = text(payload, name)
    if (value !== '') return value
  }
  return ''
}

function number(value: unknown): number {
  return typeof value === 'number' ? value : 0
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? Object.freeze(value.filter((item) => typeof item === 'string')) : NOTHING
}

/** What stands at all of the paths together, each text once. */
function textsAt(payload: Readonly<JWTPayload>, paths: readonly string[]): readonly string[] {
  const [path] = paths
  if (path === undefined) return NOTHING
  if (paths.length === 1) return texts(claimAt(payload, path))
  return Object.freeze([...new Set(paths.flatMap((each) => texts(claimAt(payload, each))))])
}

/** What stands at the first path where there is anything: one claim under several names, not several claims. */
function wordsAt(payload: Readonly<JWTPayload>, paths: readonly string[]): readonly string[] {
  for (const path of paths) {
    const value = claimAt(payload, path)
    if (value !== undefined) return words(value)
  }
  return NOTHING
}

function words(value: unknown): readonly string[] {
  return typeof value === 'string' ? Object.freeze(value.split(' ').filter((word) => word !== '')) : texts(value)
}
