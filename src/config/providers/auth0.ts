import type { AuthClientOptions } from '../auth-client-settings.js'
import { DOMAIN, host, optional, TEXT, TEXTS } from './option-rules.js'
import { type Provider, settingsFromCode } from './provider.js'

/** Which Auth0 tenant, and which of its APIs. */
export interface Auth0Options {
  /** The tenant's domain, or a custom one: `acme.eu.auth0.com`. */
  readonly domain: string
  /** The API's identifier. */
  readonly audience: string | readonly string[]
  /** The claim an Action writes roles to, such as `https://example.com/roles`. Without it nobody has roles. */
  readonly rolesClaim?: string | undefined
}

/** @internal */
export const AUTH0: Provider = {
  rules: { domain: DOMAIN, audience: TEXTS, rolesClaim: optional(TEXT) },
  settings: ({ domain, audience, rolesClaim }) => {
    const issuer = `https://${host(String(domain))}/`
    return {
      issuer,
      audience: audience as readonly string[],
      jwksEndpoint: `${issuer}.well-known/jwks.json`,
      roleClaims: rolesClaim === undefined ? [] : [String(rolesClaim)],
      permissionClaims: ['permissions'],
    }
  },
}

/**
 * Settings for access tokens of an Auth0 API. Its permissions are in them once RBAC is switched on for the API.
 *
 * @throws {AuthConfigurationError} naming every option that is missing or wrong.
 */
export function auth0(options: Auth0Options): AuthClientOptions {
  return settingsFromCode('auth0', AUTH0, options)
}
