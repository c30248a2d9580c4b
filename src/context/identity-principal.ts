import type { Principal } from '../authorization/principal.js'
import { deepFreeze } from '../tokens/deep-freeze.js'
import { toTokenClaims } from '../tokens/token-claims.js'
import type { IdentityEnvelope } from './identity-envelope.js'

/**
 * The caller that an envelope stands for. Roles are taken as they are: no resolver is asked, no hierarchy applied.
 *
 * What the envelope doesn't hold reads as absent. `iat` is among that: the envelope's age is not the token's.
 */
export function identityPrincipal(envelope: IdentityEnvelope): Principal {
  const { sub, roles, groups, scopes, scopeWildcards, permissions, tenant, clientId, issuer, expiresAt } = envelope
  const rawClaims = deepFreeze({
    iss: issuer,
    sub,
    exp: expiresAt,
    org_id: tenant,
    client_id: clientId,
    groups,
    scp: scopes,
    permissions,
  })
  return Object.freeze({ claims: toTokenClaims(rawClaims), rawClaims, roles, scopeWildcards })
}
