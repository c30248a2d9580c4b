import type { AuthClientOptions } from '../auth-client-settings.js'
import { BASE_URL, optional, TEXT, TEXTS, trimmed } from './option-rules.js'
import { type Provider, settingsFromCode } from './provider.js'

/** Where a Keycloak realm is, and what of its tokens counts. */
export interface KeycloakOptions {
  /** Where Keycloak is, with its context path if it has one: `https://sso.example.com`, or `…/auth` for old versions. */
  readonly baseUrl: string
  readonly realm: string
  /** What the tokens' `aud` holds for this API, thanks to an audience mapper or to client roles. */
  readonly audience: string | readonly string[]
  /** A client whose client roles count beside the realm's roles. */
  readonly clientId?: string | undefined
}

/** @internal */
export const KEYCLOAK: Provider = {
  rules: { baseUrl: BASE_URL, realm: TEXT, audience: TEXTS, clientId: optional(TEXT) },
  settings: ({ baseUrl, realm, audience, clientId }) => {
    const issuer = `${trimmed(String(baseUrl))}/realms/${encodeURIComponent(String(realm))}`
    const clientRoles = clientId === undefined ? [] : [`/resource_access/${escaped(String(clientId))}/roles`]
    return {
      issuer,
      audience: audience as readonly string[],
      jwksEndpoint: `${issuer}/protocol/openid-connect/certs`,
      roleClaims: ['/realm_access/roles', ...clientRoles],
      refusedClaims: { typ: ['ID', 'Refresh', 'Offline'] },
    }
  },
}

/**
 * Settings for access tokens of a Keycloak realm: realm roles, the client roles of `clientId`, and neither ID nor
 * refresh nor offline tokens.
 *
 * @throws {AuthConfigurationError} naming every option that is missing or wrong.
 *
 * @example
 * ```ts
 * import { AuthModule, keycloak } from 'inversify-koa-auth'
 *
 * const options = { baseUrl: 'https://sso.example.com', realm: 'acme', audience: 'orders-api' }
 * export const auth = new AuthModule({ ...keycloak(options), jwksTtlSeconds: 60 })
 * ```
 */
export function keycloak(options: KeycloakOptions): AuthClientOptions {
  return settingsFromCode('keycloak', KEYCLOAK, options)
}

/** A name within a JSON pointer (RFC 6901, section 3). Client ids have dots, and may be URLs. */
function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1')
}
