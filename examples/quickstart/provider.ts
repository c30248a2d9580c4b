import { randomBytes } from 'node:crypto'
import { createServer, type RequestListener } from 'node:http'
import type { ClientMetadata, Configuration, JWK } from 'oidc-provider'
import { close, listen } from './listen.js'
import { loadOidcProvider } from './load-oidc-provider.js'
import { MemoryAdapter } from './memory-adapter.js'
import { SIGN_IN_PATH, signInPage } from './sign-in-page.js'
import { generateSigningKey } from './signing-key.js'

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
  /** Lets a page sign people in: the one of the API documentation at any of these origins. */
  registerPage(clientId: string, origins: readonly string[]): void
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

/** A page that signs people in. */
interface Page {
  readonly clientId: string
  readonly origins: readonly string[]
}

const TOKEN_LIFETIME_SECONDS = 3600

/**
 * An OpenID Provider on a loopback port, with one account for each role.
 *
 * It is the real `oidc-provider`: discovery, key set and token endpoint are what any client meets in
 * production. Accounts are OAuth clients that use the client credentials grant, because that one
 * needs no browser; the same accounts can sign in on a registered page, by authorization code with
 * PKCE. The token's `sub` is the account's id, its `role` the account's role.
 */
export async function startProvider(options: ProviderOptions): Promise<RunningProvider> {
  const Provider = await loadOidcProvider()
  const accounts = options.roles.map((role) => ({ id: role, secret: `${role}-secret`, role }))

  let handle: RequestListener = (_request, response) => response.writeHead(503).end()
  const server = createServer((request, response) => handle(request, response))
  const issuer = await listen(server, options.port ?? 0)

  const keys: JWK[] = []
  const pages: Page[] = []

  /**
   * oidc-provider takes its keys and clients when it is constructed. So a change constructs another one
   * behind the same address; nothing is lost, because what it remembers is in the adapter. The first key
   * signs.
   */
  const cookieKeys = [randomBytes(32)]
  function renew() {
    const provider = new Provider(issuer, {
      ...configuration(options.audience, accounts, pages),
      cookies: { keys: cookieKeys },
      jwks: { keys: [...keys] },
    })
    const answer = provider.callback()
    const names = accounts.map(({ id }) => id)
    handle = (request, response) =>
      request.url?.startsWith(SIGN_IN_PATH) ? signInPage(provider, names, request, response) : answer(request, response)
  }

  async function rotateSigningKey() {
    keys.unshift(await generateSigningKey(`quickstart-${keys.length + 1}`))
    renew()
  }

  await rotateSigningKey()
  return {
    issuer,
    tokenEndpoint: `${issuer}/token`,
    accounts,
    registerPage(clientId, origins) {
      pages.push({ clientId, origins })
      renew()
    },
    rotateSigningKey,
    stop: () => close(server),
  }
}

function configuration(audience: string, accounts: readonly DemoAccount[], pages: readonly Page[]): Configuration {
  return {
    adapter: MemoryAdapter,
    clients: [...accounts.map(clientMetadata), ...pages.map(pageMetadata)],
    clientBasedCORS: (_ctx, origin, client) =>
      pages.some(({ clientId, origins }) => clientId === client.clientId && origins.includes(origin)),
    extraTokenClaims: (_ctx, token) => {
      const id = 'accountId' in token ? token.accountId : token.clientId
      return { email: `${id}@example.com`, role: accounts.find((account) => account.id === id)?.role }
    },
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
    findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    interactions: { url: (_ctx, { uid }) => SIGN_IN_PATH + uid },
    // Whoever has signed in has agreed, too: all pages here belong to the same people.
    async loadExistingGrant({ oidc }) {
      const { client, session, provider } = oidc
      const grant = new provider.Grant({ clientId: client?.clientId ?? '', accountId: session?.accountId ?? '' })
      grant.addOIDCScope('openid')
      grant.addResourceScope(audience, '')
      await grant.save()
      return grant
    },
    ttl: {
      AccessToken: TOKEN_LIFETIME_SECONDS,
      AuthorizationCode: 60,
      ClientCredentials: TOKEN_LIFETIME_SECONDS,
      Grant: TOKEN_LIFETIME_SECONDS,
      IdToken: TOKEN_LIFETIME_SECONDS,
      Interaction: TOKEN_LIFETIME_SECONDS,
      Session: TOKEN_LIFETIME_SECONDS,
    },
  }
}

function clientMetadata({ id, secret }: DemoAccount): ClientMetadata {
  return {
    client_id: id,
    client_secret: secret,
    grant_types: ['client_credentials'],
    redirect_uris: [],
    response_types: [],
  }
}

/** A page has no secret to keep. */
function pageMetadata({ clientId, origins }: Page): ClientMetadata {
  return {
    client_id: clientId,
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code'],
    response_types: ['code'],
    redirect_uris: origins.map((origin) => `${origin}/docs/oauth2-redirect.html`),
  }
}
