import { ClaimRoleResolver } from '../../authorization/claim-role-resolver.js'
import type { Principal } from '../../authorization/principal.js'
import type { AttributeKind } from '../../authorization/requirement.js'
import type { IssuerSettings } from '../../config/auth-client-settings.js'
import { ATTRIBUTE_CLAIMS, type IssuedIdentity } from '../../testing/issued-claims.js'
import { listed, shown } from '../shown.js'

const KINDS = Object.keys(ATTRIBUTE_CLAIMS) as readonly AttributeKind[]

/** What was asked for and is not what the application reads from the token, one sentence each, with the reason. */
export function notArrived(asked: IssuedIdentity, principal: Principal, settings: IssuerSettings): readonly string[] {
  const { roles: role, claims } = principal
  const held = { role, group: claims.groups, permission: claims.permissions, scope: claims.scopes }
  return KINDS.flatMap((kind) => {
    const missing = (asked[kind] ?? []).filter((name) => !held[kind].includes(name))
    return missing.map((name) => `${kind} ${shown(name)} does not arrive: ${reason(kind, name, principal, settings)}`)
  })
}

function reason(kind: AttributeKind, name: string, principal: Principal, settings: IssuerSettings): string {
  const paths = settings[ATTRIBUTE_CLAIMS[kind]]
  if (paths.length === 0) return `auth_client.${kind}_claims is empty, so nobody has ${kind}s`
  if (kind === 'scope' && /\s/.test(name)) return 'a scope has no spaces in it'
  const { claims, rawClaims } = principal
  const isInToken = kind === 'role' && new ClaimRoleResolver(paths).resolve(claims, rawClaims).includes(name)
  return isInToken
    ? "it is in the token, but the application's RoleResolver gives other roles"
    : `something else stands at ${listed(paths)} (auth_client.${kind}_claims)`
}
