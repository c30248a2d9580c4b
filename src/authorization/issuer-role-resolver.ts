import type { JWTPayload } from 'jose'
import type { IssuerSettings } from '../config/auth-client-settings.js'
import type { TokenClaims } from '../tokens/token-claims.js'
import { ClaimRoleResolver } from './claim-role-resolver.js'
import type { RoleResolver } from './role-resolver.js'

const NOTHING: readonly string[] = Object.freeze([])

/** Reads roles from the token, at the claim paths that its issuer uses. */
class IssuerRoleResolver implements RoleResolver {
  readonly #resolvers: ReadonlyMap<string, RoleResolver>

  constructor(issuers: readonly Pick<IssuerSettings, 'issuer' | 'roleClaims'>[]) {
    this.#resolvers = new Map(issuers.map(({ issuer, roleClaims }) => [issuer, new ClaimRoleResolver(roleClaims)]))
  }

  resolve(claims: TokenClaims, rawClaims: Readonly<JWTPayload>): readonly string[] | Promise<readonly string[]> {
    return this.#resolvers.get(claims.issuer)?.resolve(claims, rawClaims) ?? NOTHING
  }
}

/** Reads roles where the settings of one issuer or of several say they are. */
export function claimRoleResolver(issuers: readonly Pick<IssuerSettings, 'issuer' | 'roleClaims'>[]): RoleResolver {
  const [only, ...others] = issuers
  return only !== undefined && others.length === 0
    ? new ClaimRoleResolver(only.roleClaims)
    : new IssuerRoleResolver(issuers)
}
