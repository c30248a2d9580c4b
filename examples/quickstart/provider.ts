import { randomBytes } from 'node:crypto'
import { createServer, type RequestListener } from 'node:http'
import type { ClientMetadata, Configuration, JWK } from 'oidc-provider'
import { close, listen } from './listen.js'
import { loadOidcProvider } from './load-oidc-provider.js'
import { generateSigningKey } from './signing-key.js'
import { StatelessAdapter } from './stateless-adapter.js'

/** One who may ask the provider for a token, and what the token will say. */
export interface DemoAccount {
  readonly id: string
  readonly secret: string
  readonly role: string
}

export interface RunningProvider {
  readonly issuer: string
  /** Where `grant_type=client_credentials` is exchanged for an access token. */
  readonly tokenEndpoint: string
  readonly accounts: readonly DemoAccount[]
  /** Signs with a new key from now on. The old one stays published, so older tokens remain valid. */
  rotateSigningKey(): Promise<void>
  stop(): Promise<void>
}

export interface ProviderOptions {
  /** The API the tokens are meant for: their `aud`. */
  readonly audience: string
  readonly roles: readonly string[]
  /** A free port unless told otherwise. */
  readonly port?: number
}

const TOKEN_LIFETIME_SECONDS = 3600

/**
 * An OpenID Provider on a loopback port, with one account for each role.
 *
 * It is the real `oidc-provider`: discovery, key set and token endpoint are what any client meets in
 * production. Accounts are OAuth clients that use the client credentials grant, because that one
 * needs no browser. The token's `sub` is the account's id, its `role` the account's role.
 */
export async function startProvider(options: ProviderOptions): Promise<RunningProvider> {
  const Provider = await loadOidcProvider()
  const accounts = options.roles.map((role) => ({ id: role, secret: `${role}-secret`, role }))

  let handle: RequestListener = (_request, response) => response.writeHead(503).end()
  const server = createServer((request, response) => handle(request, response))
  const issuer = await listen(server, options.port ?? 0)

  const keys: JWK[] = []

  /**
   * oidc-provider takes its keys when it is constructed. So a rotation constructs another one behind
   * the same address; nothing is lost, because this provider keeps no state. The first key signs.
   */
  async function rotateSigningKey() {
    keys.unshift(await generateSigningKey(`quickstart-${keys.length + 1}`))
    handle = new Provider(issuer, configuration(options.audience, accounts, keys)).callback()
  }

  await rotateSigningKey()
  return {
    issuer,
    tokenEndpoint: `${issuer}/token`,
    accounts,
    rotateSigningKey,
    stop: () => close(server),
  }
}

function configuration(audience: string, accounts: readonly DemoAccount[], keys: readonly JWK[]): Configuration {
  return {
    adapter: StatelessAdapter,
    clients: accounts.map(clientMetadata),
    cookies: { keys: [randomBytes(32)] },
    extraClientMetadata: { properties: ['role'] },
    extraTokenClaims: (_ctx, token) => ({
      email: `${token.clientId}@example.com`,
      role: token.client?.['role'],
    }),
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      // Access tokens are opaque unless they are meant for a resource server that asks for JWTs.
      resourceIndicators: {
        enabled: true,
        defaultResource: () => audience,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          audience,
          scope: '',
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
    jwks: { keys: [...keys] },
    ttl: { ClientCredentials: TOKEN_LIFETIME_SECONDS },
  }
}

function clientMetadata({ id, secret, role }: DemoAccount): ClientMetadata {
  return {
    client_id: id,
    client_secret: secret,
    grant_types: ['client_credentials'],
    redirect_uris: [],
    response_types: [],
    role,
  }
}
