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
  JwksClient,
  KeySource,
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
import { loadSettings } from '../../src/config/load-settings.js'
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

type Claims = Readonly<Record<string, unknown>>

/** Whom the application takes somebody for. */
interface Caller {
  readonly sub: string
  readonly clientId: string
  readonly groups: readonly string[]
  readonly scopes: readonly string[]
  readonly permissions: readonly string[]
  readonly roles: readonly string[]
}

/** A token as a provider writes it, and what becomes of it. */
interface Shape {
  readonly what: string
  readonly claims: Claims
  /** The header's, where it isn't the usual one. */
  readonly typ?: string
  /** What the caller turns out to be, or the code of the refusal. */
  readonly outcome: Caller | string
}

interface Case {
  readonly name: string
  readonly options: AuthModuleOptions
  /** Every variable that the provider's page says to set. */
  readonly env: Readonly<Record<string, string>>
  /** The header's, as the provider documents it; `undefined` where its headers have none. */
  readonly typ: string | undefined
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

/** The same, "Using a service account": its user is the client's own. */
const KEYCLOAK_SERVICE = {
  jti: 'trrtcc:5e3c1c5a-3d0e-4b4f-8f0f-6a8b4d3d9a02',
  iss: 'https://sso.example.com/realms/acme',
  aud: ['orders-api', 'account'],
  sub: 'd952cf23-bf92-4c8f-a3ff-4972b4f2bc5b',
  typ: 'Bearer',
  azp: 'orders-job',
  acr: '1',
  realm_access: { roles: ['offline_access', 'uma_authorization', 'admin'] },
  resource_access: { 'orders.api': { roles: ['refund'] }, account: { roles: ['view-profile'] } },
  scope: 'email profile',
  clientHost: '192.0.2.7',
  clientAddress: '192.0.2.7',
  client_id: 'orders-job',
  email_verified: false,
  preferred_username: 'service-account-orders-job',
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

/** The same in the RFC 9068 profile, which has a header of its own. */
const AUTH0_RFC9068 = { ...AUTH0_TOKEN, azp: undefined, client_id: 'my_client_id', jti: '73WakrfVbNJBaAmhQtEeDv' }

/** Auth0 docs, "Client Credentials Flow". No Action of post-login runs, so there are no roles. */
const AUTH0_MACHINE = {
  iss: 'https://acme.eu.auth0.com/',
  sub: 'my_client_id@clients',
  aud: 'https://orders.example.com',
  azp: 'my_client_id',
  scope: 'read:orders',
  gty: 'client-credentials',
  permissions: ['read:orders'],
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

/** The same: an application by itself has roles, and neither scopes nor a name. */
const ENTRA_APP_V2 = {
  ...ENTRA_V2,
  name: undefined,
  preferred_username: undefined,
  groups: undefined,
  scp: undefined,
  idtyp: 'app',
  sub: '690222be-ff1a-4d56-abd1-7e4f7d38e474',
}
const ENTRA_APP_V1 = {
  ...ENTRA_APP_V2,
  aud: `api://${CLIENT}`,
  iss: `https://sts.windows.net/${TENANT}/`,
  idp: `https://sts.windows.net/${TENANT}/`,
  azp: undefined,
  azpacr: undefined,
  appid: '0a1b2c3d-0000-0000-0000-000000000000',
  appidacr: '1',
  ver: '1.0',
}

/** Microsoft identity platform, "ID token claims reference", where the API signs people in itself. */
const ENTRA_ID_V2 = {
  aud: CLIENT,
  iss: `https://login.microsoftonline.com/${TENANT}/v2.0`,
  name: 'Ann',
  nonce: '12345',
  oid: '690222be-ff1a-4d56-abd1-7e4f7d38e474',
  preferred_username: 'ann@acme.example',
  rh: 'I',
  roles: ['admin'],
  sid: '5f1c',
  sub: 'HKZpfaHyWadeOouYlitjrI-KffTm222X5rrV3xDqfKQ',
  tid: TENANT,
  uti: 'fqiBqXLPj0eQa82S-IYFAA',
  ver: '2.0',
}
const ENTRA_ID_V1 = {
  ...ENTRA_ID_V2,
  iss: `https://sts.windows.net/${TENANT}/`,
  preferred_username: undefined,
  amr: ['pwd'],
  unique_name: 'ann@acme.example',
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

/** The same without a user: no `uid`, and the client for a subject. */
const OKTA_MACHINE = {
  ...OKTA_TOKEN,
  sub: 'nmdP1fcyvdVO11AL7ECm',
  uid: undefined,
  scp: ['orders:read'],
  groups: undefined,
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

/** The same, "Scopes, M2M, and resource servers": the app client is the subject as well. */
const COGNITO_MACHINE = {
  sub: 'xxxxxxxxxxxxexample',
  token_use: 'access',
  scope: 'resourceserver.1/appclient2',
  iss: 'https://cognito-idp.us-east-1.amazonaws.com/us-east-1_example',
  version: 2,
  jti: 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee',
  client_id: 'xxxxxxxxxxxxexample',
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
    env: {
      AUTH_CLIENT_PROVIDER: 'keycloak',
      AUTH_CLIENT_KEYCLOAK_BASE_URL: 'https://sso.example.com',
      AUTH_CLIENT_KEYCLOAK_REALM: 'acme',
      AUTH_CLIENT_KEYCLOAK_CLIENT_ID: 'orders.api',
      AUTH_CLIENT_AUDIENCE: 'orders-api',
    },
    typ: 'JWT',
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
      {
        what: 'an access token of a client that is set to the other header',
        claims: KEYCLOAK_TOKEN,
        typ: 'at+jwt',
        outcome: {
          sub: 'f:5f1c:ann',
          clientId: 'web-shop',
          groups: [],
          scopes: ['openid', 'email', 'profile'],
          permissions: [],
          roles: ['offline_access', 'uma_authorization', 'admin', 'refund'],
        },
      },
      {
        what: 'a token of a service account',
        claims: KEYCLOAK_SERVICE,
        outcome: {
          sub: 'd952cf23-bf92-4c8f-a3ff-4972b4f2bc5b',
          clientId: 'orders-job',
          groups: [],
          scopes: ['email', 'profile'],
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
    env: {
      AUTH_CLIENT_PROVIDER: 'auth0',
      AUTH_CLIENT_AUTH0_DOMAIN: 'acme.eu.auth0.com',
      AUTH_CLIENT_AUTH0_ROLES_CLAIM: 'https://example.com/roles',
      AUTH_CLIENT_AUDIENCE: 'https://orders.example.com',
    },
    typ: 'JWT',
    shapes: [
      ...[
        { what: 'an access token', claims: AUTH0_TOKEN, typ: 'JWT' },
        { what: 'an access token in the RFC 9068 profile', claims: AUTH0_RFC9068, typ: 'at+jwt' },
      ].map(({ what, claims, typ }) => ({
        what,
        claims,
        typ,
        outcome: {
          sub: 'auth0|ann',
          clientId: 'my_client_id',
          groups: [],
          scopes: ['openid', 'profile', 'read:orders'],
          permissions: ['read:orders', 'write:orders'],
          roles: ['admin'],
        },
      })),
      {
        what: 'a token for client credentials',
        claims: AUTH0_MACHINE,
        outcome: {
          sub: 'my_client_id@clients',
          clientId: 'my_client_id',
          groups: [],
          scopes: ['read:orders'],
          permissions: ['read:orders'],
          roles: [],
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
    env: {
      AUTH_CLIENT_PROVIDER: 'entra_id',
      AUTH_CLIENT_ENTRA_ID_TENANT_ID: TENANT,
      AUTH_CLIENT_AUDIENCE: CLIENT,
    },
    typ: 'JWT',
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
      ...[ENTRA_APP_V1, ENTRA_APP_V2].map((claims) => ({
        what: `an app-only token of version ${claims.ver}`,
        claims,
        outcome: {
          sub: '690222be-ff1a-4d56-abd1-7e4f7d38e474',
          clientId: '0a1b2c3d-0000-0000-0000-000000000000',
          groups: [],
          scopes: [],
          permissions: [],
          roles: ['admin'],
        },
      })),
      ...[ENTRA_ID_V1, ENTRA_ID_V2].map((claims) => ({
        what: `an ID token of version ${claims.ver}`,
        claims,
        outcome: 'claim_missing',
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
    env: {
      AUTH_CLIENT_PROVIDER: 'okta',
      AUTH_CLIENT_OKTA_DOMAIN: 'acme.okta.com',
      AUTH_CLIENT_AUDIENCE: 'api://default',
    },
    typ: undefined,
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
        what: 'a token for client credentials',
        claims: OKTA_MACHINE,
        outcome: {
          sub: 'nmdP1fcyvdVO11AL7ECm',
          clientId: 'nmdP1fcyvdVO11AL7ECm',
          groups: [],
          scopes: ['orders:read'],
          permissions: [],
          roles: [],
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
    env: {
      AUTH_CLIENT_PROVIDER: 'cognito',
      AUTH_CLIENT_COGNITO_REGION: 'us-east-1',
      AUTH_CLIENT_COGNITO_USER_POOL_ID: 'us-east-1_example',
      AUTH_CLIENT_COGNITO_CLIENT_ID: 'xxxxxxxxxxxxexample',
    },
    typ: undefined,
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
        what: 'a token for client credentials',
        claims: COGNITO_MACHINE,
        outcome: {
          sub: 'xxxxxxxxxxxxexample',
          clientId: 'xxxxxxxxxxxxexample',
          groups: [],
          scopes: ['resourceserver.1/appclient2'],
          permissions: [],
          roles: [],
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
    env: {
      AUTH_CLIENT_PROVIDER: 'pico_auth',
      AUTH_CLIENT_PICO_AUTH_ISSUER: 'https://auth.example.com',
      AUTH_CLIENT_AUDIENCE: 'orders',
    },
    typ: 'JWT',
    shapes: [
      {
        what: 'an access token',
        claims: PICO_TOKEN,
        outcome: { sub: 'ann', clientId: '', groups: ['ops'], scopes: [], permissions: [], roles: ['admin'] },
      },
      { what: 'a token for another API', claims: { ...PICO_TOKEN, aud: 'invoices' }, outcome: 'audience_mismatch' },
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

  /** The same keys for whichever issuer, so that nothing has to be set but what the provider asks for. */
  const publishedHere = (): KeySource => {
    const options = { ...issuer.settings, jwksEndpoint: issuer.jwksUri }
    const client = new JwksClient(loadSettings({ options, configFiles: [] }))
    return { keyFor: (header) => client.keyFor(header), forIssuer: () => client }
  }

  for (const { name, options, env, typ: usual, shapes } of CASES) {
    for (const { by, launch } of [
      { by: 'code', launch: () => start(here({ ...options, env: {}, configFiles: [] })) },
      { by: 'the environment alone', launch: () => start({ env, configFiles: [] }, publishedHere()) },
    ]) {
      describe(`${name}, set by ${by}`, () => {
        let app: RunningApp
        before(async () => {
          app = await launch()
        })
        after(() => app.stop())

        for (const { what, claims, typ = usual, outcome } of shapes) {
          const isGood = typeof outcome === 'object'
          it(`${what} is ${isGood ? 'accepted' : outcome}`, async () => {
            const token = await issuer.makeToken(claims, { header: { typ } })
            const response = await app.get('/me', { token })
            const body = (await response.json()) as { readonly code?: string }
            if (isGood) expect(body).to.deep.equal(outcome)
            else expect(`${response.status} ${body.code}`).to.equal(`401 ${outcome}`)
            if (!isGood) return
            const { status } = await app.get('/me/admin', { token })
            expect(status).to.equal(outcome.roles.includes('admin') ? 200 : 403)
          })
        }
      })
    }
  }

  for (const { audience, variable } of [
    { audience: CLIENT, variable: 'AUTH_CLIENT_AUDIENCE' },
    { audience: `api://${CLIENT}`, variable: 'AUTH_CLIENT_AUDIENCE' },
    { audience: CLIENT, variable: 'AUTH_CLIENT_ENTRA_ID_AUDIENCE' },
    { audience: `api://${CLIENT}`, variable: 'AUTH_CLIENT_ENTRA_ID_AUDIENCE' },
  ]) {
    it(`of Microsoft Entra are accepted in both versions for ${variable}=${audience}`, async () => {
      const env = {
        AUTH_CLIENT_PROVIDER: 'entra_id',
        AUTH_CLIENT_ENTRA_ID_TENANT_ID: TENANT,
        [variable]: audience,
      }
      for (const claims of [ENTRA_V1, ENTRA_V2, { ...ENTRA_V1, aud: CLIENT }]) {
        await isAccepted({ env, configFiles: [] }, claims, publishedHere())
      }
    })
  }

  it('of Microsoft Entra are asked for what the application requires, too', async () => {
    const options = entraId({ tenantId: TENANT, audience: CLIENT })
    const app = await start(here({ ...options, requiredClaims: { tid: [TENANT] }, env: {}, configFiles: [] }))
    try {
      for (const { claims, status } of [
        { claims: ENTRA_V2, status: 200 },
        { claims: ENTRA_V1, status: 200 },
        { claims: { ...ENTRA_V2, tid: 'x' }, status: 401 },
        { claims: { ...ENTRA_V1, tid: undefined }, status: 401 },
        { claims: ENTRA_ID_V2, status: 401 },
      ]) {
        expect((await app.get('/me', { token: await issuer.makeToken(claims) })).status).to.equal(status)
      }
    } finally {
      await app.stop()
    }
  })

  it('are accepted by what the environment says, and those of an issuer in a file no more', async () => {
    await withFile(['issuer: https://dev.example.com', 'role_claims: dev_roles'], async (file) => {
      const { env } = CASES[0] as Case
      const app = await start({ env, configFiles: [file] }, publishedHere())
      try {
        const token = await issuer.makeToken({ ...KEYCLOAK_TOKEN, dev_roles: ['root'] })
        expect((await app.get('/me/admin', { token })).status).to.equal(200)
        expect(await (await app.get('/me', { token })).json())
          .to.have.property('roles')
          .that.does.not.include('root')
        const dev = await issuer.makeToken({ ...KEYCLOAK_TOKEN, iss: 'https://dev.example.com' })
        expect(await (await app.get('/me', { token: dev })).json()).to.include({ code: 'issuer_mismatch' })
      } finally {
        await app.stop()
      }
    })
  })

  it('are accepted by what a file says, the environment being stronger', async () => {
    const lines = ['provider: okta', 'okta:', '  domain: other.okta.com', '  audience: api://default']
    await withFile(lines, async (file) => {
      const env = { AUTH_CLIENT_OKTA_DOMAIN: 'acme.okta.com', AUTH_CLIENT_JWKS_ENDPOINT: issuer.jwksUri }
      await isAccepted({ env, configFiles: [file] }, OKTA_TOKEN)
    })
  })

  async function isAccepted(options: AuthModuleOptions, claims: Claims, keys?: KeySource): Promise<void> {
    const app = await start(options, keys)
    try {
      expect((await app.get('/me/admin', { token: await issuer.makeToken(claims) })).status).to.equal(200)
      const elsewhere = await issuer.makeToken({ ...claims, iss: 'https://elsewhere.test' })
      expect((await app.get('/me', { token: elsewhere })).status).to.equal(401)
    } finally {
      await app.stop()
    }
  }
})

async function withFile(lines: readonly string[], use: (file: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'providers-'))
  const file = join(folder, 'application.yaml')
  writeFileSync(file, ['auth_client:', ...lines.map((line) => `  ${line}`)].join('\n'))
  try {
    await use(file)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function start(options: AuthModuleOptions, keys?: KeySource): Promise<RunningApp> {
  const container = new Container()
  if (keys !== undefined) container.bind(KeySource).toConstantValue(keys)
  container.load(new KoaModule({ controllers: [MeController] }), new AuthModule(options))
  return serve(container.get<Koa>(Koa), container)
}
