import type { AuthClientSettings, IssuerSettings } from '../config/auth-client-settings.js'
import { TokenInvalidError } from '../errors/token-invalid-error.js'
import { keysOfIssuer } from '../keys/issuer-keys.js'
import type { KeySource } from '../keys/key-source.js'
import type { CompactJws } from '../tokens/compact-jws.js'
import { jsonObject } from '../tokens/json-object.js'
import type { VerifiedToken } from '../tokens/verified-token.js'

/** An issuer whose tokens are accepted, and what they are judged by: its rules and nobody else's keys. */
export interface TrustedIssuer {
  readonly settings: IssuerSettings
  readonly keys: KeySource
}

/** Tells by which issuer's rules a token is judged. */
export interface IssuerSelection {
  /**
   * The issuer that a token nobody has verified says it comes from. That is all it is believed: its signature has to
   * match a key of that very issuer, and its claims are checked afterwards like any other's.
   *
   * @throws {TokenInvalidError} when it names none of ours, before a key is looked for.
   */
  select(jws: CompactJws): TrustedIssuer
  /** The issuer of a token that has been verified. */
  of(verified: VerifiedToken): TrustedIssuer
}

/**
 * A selection among the issuers in the settings. Where there is one, nothing is read to find it.
 *
 * @throws {TypeError} for several issuers and a key source that doesn't tell them apart.
 */
export function issuerSelection(settings: AuthClientSettings, keys: KeySource): IssuerSelection {
  const [only, ...others] = acceptedIssuers(settings)
  return others.length === 0 && only !== undefined ? selectOnly({ settings: only, keys }) : selectByName(settings, keys)
}

/** The issuers whose tokens are accepted: one, unless several are listed. */
export function acceptedIssuers(settings: AuthClientSettings): readonly IssuerSettings[] {
  return settings.issuers.length === 0 ? [settings] : settings.issuers
}

function selectOnly(issuer: TrustedIssuer): IssuerSelection {
  return { select: () => issuer, of: () => issuer }
}

function selectByName({ issuers }: AuthClientSettings, keys: KeySource): IssuerSelection {
  const byName: ReadonlyMap<unknown, TrustedIssuer> = new Map(
    issuers.map((settings) => [settings.issuer, { settings, keys: keysOfIssuer(keys, settings.issuer) }]),
  )
  const named = (name: unknown): TrustedIssuer => {
    const issuer = byName.get(name)
    if (issuer === undefined) throw new TokenInvalidError('issuer_mismatch')
    return issuer
  }
  return {
    select: ({ payload }) => {
      const claims = jsonObject(payload)
      if (claims === undefined) throw new TokenInvalidError('token_malformed')
      const { iss } = claims
      if (iss !== undefined && typeof iss !== 'string') throw new TokenInvalidError('claim_malformed')
      return named(iss)
    },
    of: ({ claims }) => named(claims.issuer),
  }
}
