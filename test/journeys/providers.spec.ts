import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { Container } from 'inversify'
import {
  AuthModule,
  type AuthModuleOptions,
  auth0,
  Controller,
  cognito,
  entraId,
  Get,
  KoaModule,
  keycloak,
  okta,
  picoAuth,
  RequiresRole,
  SecurityContext,
} from 'inversify-koa-auth'
import { TestIssuer } from 'inversify-koa-auth/testing'
import Koa from 'koa'
import { after, before, describe, it } from 'mocha'
import { type RunningApp, serve } from '../support/start-app.js'

@Controller('/me')
class MeController {
  @Get()
  me() {
    const { sub, clientId, groups, scopes, permissions } = SecurityContext.require()
    return { sub, clientId, groups, scopes, permissions, roles: SecurityContext.getRoles() }
  }

  @Get('/admin')
  @RequiresRole('admin')
  admin() {
    return 'admin'
  }
}

const TENANT = '72f988bf-86f1-41af-91ab-2d7cd011db47'
const CLIENT = '6731de76-14a6-49ae-97bc-6eba6914391e'

/** A token as a provider writes it, and what becomes of it. */
interface Shape {
  readonly what: string
  readonly claims: Readonly<Record<string, unknown>>
  /** What the caller turns out to be, or the code of the refusal. */
  readonly outcome: object | string
}

interface Case {
  readonly name: string
  readonly options: AuthModuleOptions
  readonly shapes: readonly Shape[]
}

/** Keycloak, Server Administration Guide: an access token of a user with realm and client roles. */
const KEYCLOAK_TOKEN = {
  jti: '5e3c1c5a-3d0e-4b4f-8f0f-6a8b4d3d9a01',
  iss: 'https://sso.example.com/realms/acme',
  aud: ['orders-api', 'account'],
  sub: 'f:5f1c:ann',
  typ: 'Bearer',
  azp: 'web-shop',
  session_state: '4f6a',
  acr: '1',
  'allowed-origins': ['https://shop.example.com'],
  realm_access: { roles: ['offline_access', 'uma_authorization', 'admin'] },
  resource_access: { 'orders.api': { roles: ['refund'] }, account: { roles: ['manage-account'] } },
  scope: 'openid email profile',
  sid: '4f6a',
  email_verified: true,
  preferred_username: 'ann',
}

/** Auth0 docs, "Access Token Profiles", with RBAC and permissions in the token. */
const AUTH0_TOKEN = {
  iss: 'https://acme.eu.auth0.com/',
  sub: 'auth0|ann',
  aud: ['https://orders.example.com', 'https://acme.eu.auth0.com/userinfo'],
  azp: 'my_client_id',
  scope: 'openid profile read:orders',
  permissions: ['read:orders', 'write:orders'],
  'https://example.com/roles': ['admin'],
}

/** Microsoft identity platform, "Access token claims reference". */
const ENTRA_V2 = {
  aud: CLIENT,
  iss: `https://login.microsoftonline.com/${TENANT}/v2.0`,
  azp: '0a1b2c3d-0000-0000-0000-000000000000',
  azpacr: '1',
  name: 'Ann',
  oid: '690222be-ff1a-4d56-abd1-7e4f7d38e474',
  preferred_username: 'ann@acme.example',
  rh: 'I',
  roles: ['admin'],
  groups: ['0d1e-group'],
  scp: 'orders.read orders.write',
  sub: 'HKZpfaHyWadeOouYlitjrI-KffTm222X5rrV3xDqfKQ',
  tid: TENANT,
  uti: 'fqiBqXLPj0eQa82S-IYFAA',
  ver: '2.0',
}
const ENTRA_V1 = {
  ...ENTRA_V2,
  aud: `api://${CLIENT}`,
  iss: `https://sts.windows.net/${TENANT}/`,
  azp: undefined,
  azpacr: undefined,
  appid: '0a1b2c3d-0000-0000-0000-000000000000',
  appidacr: '1',
  upn: 'ann@acme.example',
  ver: '1.0',
}

/** Okta developer docs, "Access token" of a custom authorization server. */
const OKTA_TOKEN = {
  ver: 1,
  jti: 'AT.0mP4JKAZX1iACIT4vbEDF7LpvDVjxypPMf0D7uX39RE',
  iss: 'https://acme.okta.com/oauth2/default',
  aud: 'api://default',
  sub: 'ann@acme.example',
  cid: 'nmdP1fcyvdVO11AL7ECm',
  uid: '00ujmkLgagxeRrAg20g3',
  scp: ['openid', 'orders:read'],
  groups: ['Everyone', 'admin'],
}

/** Amazon Cognito developer guide, "Understanding the access token". */
const COGNITO_TOKEN = {
  sub: 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee',
  device_key: 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee',
  'cognito:groups': ['admin', 'ops'],
  iss: 'https://cognito-idp.us-east-1.amazonaws.com/us-east-1_example',
  version: 2,
  client_id: 'xxxxxxxxxxxxexample',
  origin_jti: 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee',
  event_id: 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee',
  token_use: 'access',
  scope: 'phone openid profile resourceserver.1/appclient2 email',
  jti: 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee',
  username: 'my-test-user',
}

const PICO_TOKEN = {
  iss: 'https://auth.example.com',
  aud: 'orders',
  sub: 'ann',
  email: 'ann@acme.example',
  role: 'admin',
  org_id: 'acme',
  groups: ['ops'],
  jti: '1',
}

const CASES: readonly Case[] = [
  {
    name: 'Keycloak',
    options: keycloak({
      baseUrl: 'https://sso.example.com',
      realm: 'acme',
      audience: 'orders-api',
      clientId: 'orders.api',
    }),
    shapes: [
      {
        what: 'an access token',
        claims: KEYCLOAK_TOKEN,
        outcome: {
          sub: 'f:5f1c:ann',
          clientId: 'web-shop',
          groups: [],
          scopes: ['openid', 'email', 'profile'],
          permissions: [],
          roles: ['offline_access', 'uma_authorization', 'admin', 'refund'],
        },
      },
      { what: 'an ID token', claims: { ...KEYCLOAK_TOKEN, typ: 'ID' }, outcome: 'claim_refused' },
      { what: 'a refresh token', claims: { ...KEYCLOAK_TOKEN, typ: 'Refresh' }, outcome: 'claim_refused' },
      { what: 'an offline token', claims: { ...KEYCLOAK_TOKEN, typ: 'Offline' }, outcome: 'claim_refused' },
      { what: 'a token for another API', claims: { ...KEYCLOAK_TOKEN, aud: 'account' }, outcome: 'audience_mismatch' },
      {
        what: 'a token of another realm',
        claims: { ...KEYCLOAK_TOKEN, iss: 'https://sso.example.com/realms/master' },
        outcome: 'issuer_mismatch',
      },
    ],
  },
  {
    name: 'Auth0',
    options: auth0({
      domain: 'acme.eu.auth0.com',
      audience: 'https://orders.example.com',
      rolesClaim: 'https://example.com/roles',
    }),
    shapes: [
      {
        what: 'an access token',
        claims: AUTH0_TOKEN,
        outcome: {
          sub: 'auth0|ann',
          clientId: 'my_client_id',
          groups: [],
          scopes: ['openid', 'profile', 'read:orders'],
          permissions: ['read:orders', 'write:orders'],
          roles: ['admin'],
        },
      },
      {
        what: 'an issuer without its slash',
        claims: { ...AUTH0_TOKEN, iss: 'https://acme.eu.auth0.com' },
        outcome: 'issuer_mismatch',
      },
      { what: 'an ID token', claims: { ...AUTH0_TOKEN, aud: 'my_client_id' }, outcome: 'audience_mismatch' },
    ],
  },
  {
    name: 'Microsoft Entra',
    options: entraId({ tenantId: TENANT, audience: `api://${CLIENT}` }),
    shapes: [
      ...[ENTRA_V1, ENTRA_V2].map((claims) => ({
        what: `an access token of version ${claims.ver}`,
        claims,
        outcome: {
          sub: 'HKZpfaHyWadeOouYlitjrI-KffTm222X5rrV3xDqfKQ',
          clientId: '0a1b2c3d-0000-0000-0000-000000000000',
          groups: ['0d1e-group'],
          scopes: ['orders.read', 'orders.write'],
          permissions: [],
          roles: ['admin'],
        },
      })),
      {
        what: 'a token of another tenant',
        claims: { ...ENTRA_V2, iss: 'https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0' },
        outcome: 'issuer_mismatch',
      },
      {
        what: 'a token for Microsoft Graph',
        claims: { ...ENTRA_V1, aud: '00000003-0000-0000-c000-000000000000' },
        outcome: 'audience_mismatch',
      },
    ],
  },
  {
    name: 'Okta',
    options: okta({ domain: 'acme.okta.com', audience: 'api://default' }),
    shapes: [
      {
        what: 'an access token',
        claims: OKTA_TOKEN,
        outcome: {
          sub: 'ann@acme.example',
          clientId: 'nmdP1fcyvdVO11AL7ECm',
          groups: ['Everyone', 'admin'],
          scopes: ['openid', 'orders:read'],
          permissions: [],
          roles: ['Everyone', 'admin'],
        },
      },
      {
        what: "a token of the organisation's own server",
        claims: { ...OKTA_TOKEN, iss: 'https://acme.okta.com' },
        outcome: 'issuer_mismatch',
      },
    ],
  },
  {
    name: 'Amazon Cognito',
    options: cognito({ region: 'us-east-1', userPoolId: 'us-east-1_example', clientId: 'xxxxxxxxxxxxexample' }),
    shapes: [
      {
        what: 'an access token',
        claims: COGNITO_TOKEN,
        outcome: {
          sub: 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee',
          clientId: 'xxxxxxxxxxxxexample',
          groups: ['admin', 'ops'],
          scopes: ['phone', 'openid', 'profile', 'resourceserver.1/appclient2', 'email'],
          permissions: [],
          roles: ['admin', 'ops'],
        },
      },
      {
        what: 'an ID token, whose aud is the app client',
        claims: { ...COGNITO_TOKEN, token_use: 'id', client_id: undefined, aud: 'xxxxxxxxxxxxexample' },
        outcome: 'audience_mismatch',
      },
      {
        what: 'an ID token that names the app client in both places',
        claims: { ...COGNITO_TOKEN, token_use: 'id' },
        outcome: 'claim_missing',
      },
      { what: 'a token of another app', claims: { ...COGNITO_TOKEN, client_id: 'x' }, outcome: 'audience_mismatch' },
    ],
  },
  {
    name: 'pico-auth',
    options: picoAuth({ issuer: 'https://auth.example.com', audience: 'orders' }),
    shapes: [
      {
        what: 'an access token',
        claims: PICO_TOKEN,
        outcome: { sub: 'ann', clientId: '', groups: ['ops'], scopes: [], permissions: [], roles: ['admin'] },
      },
    ],
  },
]

describe("providers' tokens", () => {
  let issuer: TestIssuer
  before(async () => {
    issuer = await TestIssuer.start({ roleClaim: 'roles' })
  })
  after(() => issuer.stop())

  /** The provider's own issuer, with its keys where the test can serve them. */
  const here = ({ issuers, ...options }: AuthModuleOptions): AuthModuleOptions => {
    const jwksEndpoint = issuer.jwksUri
    return issuers === undefined
      ? { ...options, jwksEndpoint }
      : { ...options, issuers: issuers.map((each) => ({ ...each, jwksEndpoint })) }
  }

  for (const { name, options, shapes } of CASES) {
    describe(name, () => {
      let app: RunningApp
      before(async () => {
        app = await start(here({ ...options, env: {}, configFiles: [] }))
      })
      after(() => app.stop())

      for (const { what, claims, outcome } of shapes) {
        const isGood = typeof outcome === 'object'
        it(`${what} is ${isGood ? 'accepted' : outcome}`, async () => {
          const token = await issuer.makeToken(claims)
          const response = await app.get('/me', { token })
          const body = (await response.json()) as { readonly code?: string }
          if (isGood) expect(body).to.deep.equal(outcome)
          else expect(`${response.status} ${body.code}`).to.equal(`401 ${outcome}`)
          if (isGood) expect((await app.get('/me/admin', { token })).status).to.equal(200)
        })
      }
    })
  }

  it('are accepted by what the environment says alone', async () => {
    const env = {
      AUTH_CLIENT_PROVIDER: 'keycloak',
      AUTH_CLIENT_KEYCLOAK_BASE_URL: 'https://sso.example.com',
      AUTH_CLIENT_KEYCLOAK_REALM: 'acme',
      AUTH_CLIENT_AUDIENCE: 'orders-api',
      AUTH_CLIENT_JWKS_ENDPOINT: issuer.jwksUri,
    }
    await isAccepted({ env, configFiles: [] }, KEYCLOAK_TOKEN)
  })

  it('are accepted by what a file says, the environment being stronger', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'providers-'))
    const file = join(folder, 'application.yaml')
    const lines = [
      'auth_client:',
      '  provider: okta',
      '  okta:',
      '    domain: other.okta.com',
      '    audience: api://default',
    ]
    writeFileSync(file, lines.join('\n'))
    try {
      const env = { AUTH_CLIENT_OKTA_DOMAIN: 'acme.okta.com', AUTH_CLIENT_JWKS_ENDPOINT: issuer.jwksUri }
      await isAccepted({ env, configFiles: [file] }, OKTA_TOKEN)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  async function isAccepted(options: AuthModuleOptions, claims: Readonly<Record<string, unknown>>): Promise<void> {
    const app = await start(options)
    try {
      expect((await app.get('/me/admin', { token: await issuer.makeToken(claims) })).status).to.equal(200)
      const elsewhere = await issuer.makeToken({ ...claims, iss: 'https://elsewhere.test' })
      expect((await app.get('/me', { token: elsewhere })).status).to.equal(401)
    } finally {
      await app.stop()
    }
  }
})

function start(options: AuthModuleOptions): Promise<RunningApp> {
  const container = new Container()
  container.load(new KoaModule({ controllers: [MeController] }), new AuthModule(options))
  return serve(container.get<Koa>(Koa), container)
}
