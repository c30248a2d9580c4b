import { randomUUID } from 'node:crypto'
import type { IssuerSettings } from '../../config/auth-client-settings.js'

/** Whom a development token is about. */
export interface DevIdentity {
  readonly sub: string
  readonly roles: readonly string[]
  readonly groups: readonly string[]
  readonly scopes: readonly string[]
  readonly permissions: readonly string[]
  /** Claim paths and values over everything else. */
  readonly claims: ReadonlyMap<string, unknown>
}

/** Where a claim has to be there, whatever it says. */
const ANYTHING = 'development'

/** The claims by which an application takes somebody for whom it is told: each where its settings look for it. */
export function devClaims(identity: DevIdentity, settings: IssuerSettings): Readonly<Record<string, unknown>> {
  const { sub, roles, groups, scopes, permissions } = identity
  const { issuer, audience, profile } = settings
  const payload: Record<string, unknown> = { iss: issuer, sub, aud: undefined, jti: randomUUID() }
  if (profile === 'rfc9068') payload['client_id'] = ANYTHING
  for (const [path, accepted] of Object.entries(settings.requiredClaims)) {
    place(payload, path, accepted === true ? ANYTHING : accepted[0])
  }
  place(payload, settings.audienceClaims[0], audience[0])
  if (roles.length > 0) place(payload, settings.roleClaims[0], roles)
  if (groups.length > 0) place(payload, settings.groupClaims[0], groups)
  if (scopes.length > 0) place(payload, settings.scopeClaims[0], scopes.join(' '))
  if (permissions.length > 0) place(payload, settings.permissionClaims[0], permissions)
  for (const [path, value] of identity.claims) place(payload, path, value)
  return payload
}

/** The reverse of reading a claim path. Without a path, nobody looks for the claim. */
function place(payload: Record<string, unknown>, path: string | undefined, value: unknown): void {
  if (path === undefined) return
  const names = namesIn(path)
  const last = names.length - 1
  let members = payload
  for (const name of names.slice(0, last)) {
    const inner = Object.hasOwn(members, name) ? members[name] : undefined
    const next = typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>) : {}
    define(members, name, next)
    members = next
  }
  define(members, names[last] ?? path, value)
}

/** A JSON pointer by its rules (RFC 6901); a name with a colon or slash is whole (`https://…/roles`); dots nest. */
function namesIn(path: string): readonly string[] {
  if (path.startsWith('/')) {
    const names = path.slice(1).split('/')
    return names.map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'))
  }
  return /[:/]/.test(path) ? [path] : path.split('.')
}

/** Assigning to `__proto__` would add no member. */
function define(members: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(members, name, { value, enumerable: true, configurable: true, writable: true })
}
