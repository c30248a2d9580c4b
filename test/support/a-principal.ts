import type { Principal } from '../../src/authorization/principal.js'
import { toTokenClaims } from '../../src/tokens/token-claims.js'

/** What a principal of a test holds. */
export interface Holdings {
  readonly sub?: string
  readonly issuer?: string
  readonly roles?: readonly string[]
  readonly groups?: readonly string[]
  readonly scopes?: readonly string[]
  readonly permissions?: readonly string[]
  readonly scopeWildcards?: boolean
}

/** A principal with claims as a token would have had them. */
export function aPrincipal({ sub = 'ann', issuer, roles = [], scopeWildcards, ...held }: Holdings): Principal {
  const { groups = [], scopes = [], permissions = [] } = held
  const iss = issuer === undefined ? {} : { iss: issuer }
  const rawClaims = { ...iss, sub, groups: [...groups], scope: scopes.join(' '), permissions: [...permissions] }
  const principal = { claims: toTokenClaims(rawClaims), rawClaims, roles }
  return scopeWildcards === undefined ? principal : { ...principal, scopeWildcards }
}
