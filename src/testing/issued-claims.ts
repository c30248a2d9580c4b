import { randomUUID } from 'node:crypto'
import type { AttributeKind } from '../authorization/requirement.js'
import type { IssuerSettings } from '../config/auth-client-settings.js'
import { claimAt } from '../tokens/claim-at.js'
import { type Claims, withClaim, withNames, withWords } from './claim-placement.js'

/** Whom a token is about, and what its holder is to have. */
export interface IssuedIdentity extends Readonly<Partial<Record<AttributeKind, readonly string[]>>> {
  readonly sub: string
}

/** The settings that say where a token holds what, the ones that hold it separated by spaces last. */
export const ATTRIBUTE_CLAIMS = {
  role: 'roleClaims',
  group: 'groupClaims',
  permission: 'permissionClaims',
  scope: 'scopeClaims',
} as const satisfies Readonly<Record<AttributeKind, keyof IssuerSettings>>

/** Where a claim has to be there, whatever it says. */
const ANYTHING = 'development'

/** What a token gets when it is signed. */
const TIMES = ['iat', 'exp']

/**
 * The claims by which an application takes somebody for whom it is told: each where its settings look for it, and
 * whatever else they ask of a token. What shares a claim stands in it together.
 *
 * @param base what the token says besides; it keeps what stands here
 */
export function issuedClaims(identity: IssuedIdentity, settings: IssuerSettings, base: Claims = {}): Claims {
  const { issuer, audience, audienceClaims, requiredClaims, profile } = settings
  const required = Object.entries(requiredClaims).filter(([path]) => claimAt(base, path) === undefined)
  let claims: Claims = { iss: issuer, sub: identity.sub, aud: undefined, jti: randomUUID(), ...base }
  for (const [path, accepted] of required) {
    if (accepted !== true) claims = withClaim(claims, path, accepted[0])
  }
  claims = withAudience(claims, audienceClaims[0], audience[0])
  for (const kind of ['role', 'group', 'permission'] as const) {
    claims = withNames(claims, settings[ATTRIBUTE_CLAIMS[kind]][0], identity[kind] ?? [])
  }
  claims = withWords(claims, settings.scopeClaims[0], identity.scope ?? [])
  for (const [path, accepted] of required) {
    const isOpen = accepted === true && !TIMES.includes(path) && claimAt(claims, path) === undefined
    if (isOpen) claims = withClaim(claims, path, ANYTHING)
  }
  return profile === 'rfc9068' ? { client_id: ANYTHING, ...claims } : claims
}

/** One audience is text, as issuers have it. */
function withAudience(claims: Claims, path = 'aud', audience: string | undefined): Claims {
  if (audience === undefined) return claims
  return claimAt(claims, path) === undefined ? withClaim(claims, path, audience) : withNames(claims, path, [audience])
}
