import type { AuthClientOptions } from '../auth-client-settings.js'
import { DOMAIN, host, optional, SEGMENT, TEXTS } from './option-rules.js'
import { type Provider, settingsFromCode } from './provider.js'

/** Which Okta organisation, and which of its authorization servers. */
export interface OktaOptions {
  /** The organisation's domain, or a custom one: `acme.okta.com`. */
  readonly domain: string
  /** The authorization server's audience, such as `api://default`. */
  readonly audience: string | readonly string[]
  /** The id of a custom authorization server. Default: `default`. */
  readonly authorizationServerId?: string | undefined
}

/** @internal */
export const OKTA: Provider = {
  rules: { domain: DOMAIN, audience: TEXTS, authorizationServerId: optional(SEGMENT) },
  settings: ({ domain, audience, authorizationServerId = 'default' }) => {
    const issuer = `https://${host(String(domain))}/oauth2/${String(authorizationServerId)}`
    return {
      issuer,
      audience: audience as readonly string[],
      jwksEndpoint: `${issuer}/v1/keys`,
      scopeClaims: ['scp'],
      groupClaims: ['groups'],
      roleClaims: ['groups'],
    }
  },
}

/**
 * Settings for access tokens of an Okta custom authorization server. Groups, once the server has a claim for them,
 * are roles as well. Tokens of the organisation's own server are opaque to everybody but Okta.
 *
 * @throws {AuthConfigurationError} naming every option that is missing or wrong.
 */
export function okta(options: OktaOptions): AuthClientOptions {
  return settingsFromCode('okta', OKTA, options)
}
