import type { JWTPayload } from 'jose'
import type { TokenClaims } from '../tokens/token-claims.js'

/** Who is calling: what a verified token says, and the roles the application gives its holder. Frozen. */
export interface Principal {
  readonly claims: TokenClaims
  /** All claims, as the issuer wrote them. */
  readonly rawClaims: Readonly<JWTPayload>
  /** What the application's `RoleResolver` made of the claims, and what `role_hierarchy` adds to that. Complete. */
  readonly roles: readonly string[]
  /** `true`: a granted `orders:*` covers `orders` and everything below it, `*` everything. Default: scopes match exactly. */
  readonly scopeWildcards?: boolean
}
