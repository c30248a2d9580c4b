import type { IssuerSettings } from '../config/auth-client-settings.js'
import type { AuthTestKit } from './auth-test-kit.js'
import { type Claims, withClaim, withNames } from './claim-placement.js'
import { generateSigningKeyPair } from './generate-signing-key-pair.js'
import { issuedClaims } from './issued-claims.js'
import { signedToken, type TokenOptions } from './make-token.js'
import type { MatrixCaller } from './matrix-callers.js'
import { agentTokenClaims } from './test-agent-claims.js'
import { type TestClaims, wholePayload } from './test-claims.js'
import { tokenType } from './token-type.js'

/** Who makes the callers' tokens, and what all of them say. */
export interface Issuance {
  readonly kit: AuthTestKit
  /** The settings that the kit's tokens are judged by. */
  readonly issuer: IssuerSettings
  /** What every token says besides. */
  readonly claims: TestClaims
}

/** Nobody's audience (RFC 6761, section 6.4). */
const ELSEWHERE = 'https://elsewhere.invalid'

const AN_HOUR_AGO = -3600

/** A caller's token, good in everything but what is wrong with it by its name. */
export async function callerToken(caller: MatrixCaller, issuance: Issuance): Promise<string> {
  const claims = caller.claims === undefined ? usualClaims(caller, issuance) : ownClaims(caller.claims, issuance)
  const { kit, issuer } = issuance
  switch (caller.token) {
    case 'expired':
      return signed(claims, issuance, { expiresIn: AN_HOUR_AGO })
    case 'wrong audience':
      return signed(
        issuer.audienceClaims.reduce((all, path) => withClaim(all, path, ELSEWHERE), claims),
        issuance,
      )
    case 'forged':
      return signed(claims, issuance, { key: await generateSigningKeyPair(kit.keyPair.algorithm) })
    default:
      return signed(claims, issuance)
  }
}

/** The token of an agent with these scopes. */
export function agentToken(scopes: readonly string[], issuance: Issuance): Promise<string> {
  const { roles: _, ...others } = issuance.claims
  const issued = issuedClaims({ sub: 'agent' }, issuance.issuer, others)
  return signed({ ...agentTokenClaims({}), ...issued, scopes }, issuance)
}

function usualClaims({ holdings }: MatrixCaller, { kit, issuer, claims }: Issuance): Claims {
  const { roles = [], ...others } = claims
  const role = [roles as readonly string[], holdings.role].flat()
  const issued = issuedClaims({ ...holdings, sub: 'authorization-matrix', role }, issuer, others)
  return rolePaths(kit, issuer).reduce((all, path) => withNames(all, path, role), issued)
}

/** What somebody's test says about its caller is written as it is. */
function ownClaims(own: TestClaims, { kit, issuer, claims }: Issuance): Claims {
  const { roles: everybodys, ...others } = claims
  const { roles = everybodys, ...personal } = own
  const issued = issuedClaims({ sub: 'user' }, issuer, others)
  const placed = roles === undefined ? [] : rolePaths(kit, issuer)
  return { ...placed.reduce((all, path) => withClaim(all, path, roles), issued), ...personal }
}

/** Where the application looks for roles first, and where the kit was told to write them, for a resolver that looks there. */
function rolePaths({ settings }: AuthTestKit, issuer: IssuerSettings): readonly string[] {
  return [issuer, settings].flatMap(({ roleClaims = [] }) => roleClaims.slice(0, 1))
}

function signed(
  claims: Claims,
  { kit, issuer }: Issuance,
  { expiresIn, key }: Pick<TokenOptions, 'expiresIn' | 'key'> = {},
): Promise<string> {
  const header = { typ: tokenType(issuer) }
  return signedToken(kit.keyPair, wholePayload(claims, { expiresIn }), { header, key })
}
