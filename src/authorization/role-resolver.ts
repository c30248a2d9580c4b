import type { ServiceIdentifier } from 'inversify'
import type { JWTPayload } from 'jose'
import type { TokenClaims } from '../tokens/token-claims.js'

/**
 * Decides which roles a caller holds: from `role_claims` unless the application binds another.
 *
 * Its answer is a list of names, none of them empty. Anything else among them, and nobody gets in: the request ends
 * with 503, as it does when the resolver throws or takes too long.
 *
 * Asked on every authenticated request, so that a role taken away is gone at once. The security context opens
 * afterwards: what the caller is known by is in the arguments.
 */
export interface RoleResolver {
  resolve(claims: TokenClaims, rawClaims: Readonly<JWTPayload>): readonly string[] | Promise<readonly string[]>
}

export const RoleResolver: ServiceIdentifier<RoleResolver> = Symbol.for('inversify-koa-auth.RoleResolver')
