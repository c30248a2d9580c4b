import type { AuthClientOptions } from '../auth-client-settings.js'
import { BASE_URL, TEXTS, trimmed } from './option-rules.js'
import { type Provider, settingsFromCode } from './provider.js'

/** Where a pico-auth server is, and who its tokens are for. */
export interface PicoAuthOptions {
  /** The exact `iss`, which is also where the server is. */
  readonly issuer: string
  readonly audience: string | readonly string[]
}

/** @internal */
export const PICO_AUTH: Provider = {
  rules: { issuer: BASE_URL, audience: TEXTS },
  settings: ({ issuer, audience }) => ({
    issuer: String(issuer),
    audience: audience as readonly string[],
    jwksEndpoint: `${trimmed(String(issuer))}/api/v1/auth/jwks`,
    roleClaims: ['role'],
    groupClaims: ['groups'],
  }),
}

/**
 * Settings for tokens of pico-auth, as pico-client-auth has them.
 *
 * @throws {AuthConfigurationError} naming every option that is missing or wrong.
 */
export function picoAuth(options: PicoAuthOptions): AuthClientOptions {
  return settingsFromCode('picoAuth', PICO_AUTH, options)
}
