import type { IssuerSettings } from '../config/auth-client-settings.js'

/** The `typ` of a token that an issuer's settings accept: an access token's (RFC 9068) where that is one of them. */
export function tokenType({ tokenTypes }: Pick<IssuerSettings, 'tokenTypes'>): string | undefined {
  return tokenTypes.find((type) => /^(application\/)?at\+jwt$/i.test(type)) ?? tokenTypes[0]
}
