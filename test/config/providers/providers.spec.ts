import { expect } from 'chai'
import {
  type AuthClientOptions,
  AuthConfigurationError,
  auth0,
  cognito,
  entraId,
  keycloak,
  okta,
  picoAuth,
} from 'inversify-koa-auth'
import { describe, it } from 'mocha'
import { loadSettings } from '../../../src/config/load-settings.js'

const TENANT = '72f988bf-86f1-41af-91ab-2d7cd011db47'
const CLIENT = '6731de76-14a6-49ae-97bc-6eba6914391e'

describe('the settings of a provider', () => {
  const cases: readonly { name: string; settings: AuthClientOptions; expected: object }[] = [
    {
      name: 'Keycloak',
      settings: keycloak({
        baseUrl: 'https://sso.test/auth/',
        realm: 'two words',
        audience: 'api',
        clientId: 'a.b/c~d',
      }),
      expected: {
        issuer: 'https://sso.test/auth/realms/two%20words',
        audience: ['api'],
        jwksEndpoint: 'https://sso.test/auth/realms/two%20words/protocol/openid-connect/certs',
        roleClaims: ['/realm_access/roles', '/resource_access/a.b~1c~0d/roles'],
        refusedClaims: { typ: ['ID', 'Refresh', 'Offline'] },
      },
    },
    {
      name: 'Auth0',
      settings: auth0({
        domain: 'https://acme.eu.auth0.com/',
        audience: 'https://api.test/',
        rolesClaim: 'https://x.test/r',
      }),
      expected: {
        issuer: 'https://acme.eu.auth0.com/',
        audience: ['https://api.test/'],
        jwksEndpoint: 'https://acme.eu.auth0.com/.well-known/jwks.json',
        roleClaims: ['https://x.test/r'],
        permissionClaims: ['permissions'],
      },
    },
    {
      name: 'Microsoft Entra',
      settings: entraId({ tenantId: TENANT.toUpperCase(), audience: CLIENT }),
      expected: {
        audience: [CLIENT, `api://${CLIENT}`],
        roleClaims: ['roles'],
        scopeClaims: ['scp'],
        issuers: [
          {
            issuer: `https://login.microsoftonline.com/${TENANT}/v2.0`,
            jwksEndpoint: `https://login.microsoftonline.com/${TENANT}/discovery/v2.0/keys`,
            requiredClaims: { azp: true },
          },
          {
            issuer: `https://sts.windows.net/${TENANT}/`,
            jwksEndpoint: `https://login.microsoftonline.com/${TENANT}/discovery/keys`,
            requiredClaims: { appid: true },
          },
        ],
      },
    },
    {
      name: 'Okta',
      settings: okta({ domain: 'acme.okta.com', audience: 'api://default' }),
      expected: {
        issuer: 'https://acme.okta.com/oauth2/default',
        audience: ['api://default'],
        jwksEndpoint: 'https://acme.okta.com/oauth2/default/v1/keys',
        scopeClaims: ['scp'],
        groupClaims: ['groups'],
        roleClaims: ['groups'],
      },
    },
    {
      name: 'Amazon Cognito',
      settings: cognito({ region: 'eu-west-1', userPoolId: 'eu-west-1_AbC', clientId: 'one, two' }),
      expected: {
        issuer: 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbC',
        audience: ['one', 'two'],
        audienceClaims: ['client_id'],
        jwksEndpoint: 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbC/.well-known/jwks.json',
        groupClaims: ['cognito:groups'],
        roleClaims: ['cognito:groups'],
        requiredClaims: { token_use: ['access'] },
      },
    },
    {
      name: 'pico-auth',
      settings: picoAuth({ issuer: 'http://127.0.0.1:9000', audience: ['a', 'b'] }),
      expected: {
        issuer: 'http://127.0.0.1:9000',
        audience: ['a', 'b'],
        jwksEndpoint: 'http://127.0.0.1:9000/api/v1/auth/jwks',
        roleClaims: ['role'],
        groupClaims: ['groups'],
      },
    },
  ]
  for (const { name, settings, expected } of cases) {
    it(`are what ${name} needs, and sound`, () => {
      expect(settings).to.deep.equal(expected)
      const loaded = loadSettings({ options: { ...settings, jwksTtlSeconds: 60 }, configFiles: [] })
      expect(loaded.jwksTtlSeconds).to.equal(60)
      const { issuers: _several, ...rest } = expected as { issuers?: unknown }
      expect(loaded).to.deep.include(rest)
    })
  }

  it('know another audience form, region, server or no extras', () => {
    expect(entraId({ tenantId: TENANT, audience: `api://${CLIENT}` }).audience).to.deep.equal([
      `api://${CLIENT}`,
      CLIENT,
    ])
    expect(entraId({ tenantId: TENANT, audience: 'api://orders' }).audience).to.deep.equal(['api://orders'])
    expect(entraId({ tenantId: TENANT, audience: [CLIENT, `api://${CLIENT}`] }).audience).to.have.length(2)
    const china = cognito({ region: 'cn-north-1', userPoolId: 'cn-north-1_x', clientId: 'c' })
    expect(china.issuer).to.equal('https://cognito-idp.cn-north-1.amazonaws.com.cn/cn-north-1_x')
    const own = okta({ domain: 'acme.okta.com', audience: 'a', authorizationServerId: 'aus9o8wzkhckw9TLa0h7z' })
    expect(own.issuer).to.equal('https://acme.okta.com/oauth2/aus9o8wzkhckw9TLa0h7z')
    expect(auth0({ domain: 'acme.auth0.com', audience: 'a' }).roleClaims).to.deep.equal([])
    const { roleClaims } = keycloak({ baseUrl: 'https://sso.test', realm: 'r', audience: 'a', clientId: undefined })
    expect(roleClaims).to.deep.equal(['/realm_access/roles'])
  })

  it('leave the options as they were', () => {
    const options = Object.freeze({ baseUrl: 'https://sso.test', realm: 'r', audience: Object.freeze(['a']) })
    expect(keycloak(options).audience).to.deep.equal(['a'])
  })

  describe('do not compile, and throw when they do,', () => {
    for (const { name, empty, absent, unknown } of [
      {
        name: 'keycloak',
        // @ts-expect-error baseUrl, realm and audience are required
        empty: () => keycloak({}),
        // @ts-expect-error so are the options
        absent: () => keycloak(),
        // @ts-expect-error no such option
        unknown: () => keycloak({ baseUrl: 'https://sso.test', realm: 'r', audience: 'a', clientID: 'c' }),
      },
      {
        name: 'auth0',
        // @ts-expect-error domain and audience are required
        empty: () => auth0({}),
        // @ts-expect-error so are the options
        absent: () => auth0(),
        // @ts-expect-error no such option
        unknown: () => auth0({ domain: 'acme.auth0.com', audience: 'a', roleClaims: 'r' }),
      },
      {
        name: 'entraId',
        // @ts-expect-error tenantId and audience are required
        empty: () => entraId({}),
        // @ts-expect-error so are the options
        absent: () => entraId(),
        // @ts-expect-error no such option
        unknown: () => entraId({ tenantId: TENANT, audience: CLIENT, tenant: TENANT }),
      },
      {
        name: 'okta',
        // @ts-expect-error domain and audience are required
        empty: () => okta({}),
        // @ts-expect-error so are the options
        absent: () => okta(),
        // @ts-expect-error no such option
        unknown: () => okta({ domain: 'acme.okta.com', audience: 'a', serverId: 's' }),
      },
      {
        name: 'cognito',
        // @ts-expect-error region, userPoolId and clientId are required
        empty: () => cognito({}),
        // @ts-expect-error so are the options
        absent: () => cognito(),
        // @ts-expect-error no such option
        unknown: () => cognito({ region: 'eu-west-1', userPoolId: 'p', clientId: 'c', audience: 'a' }),
      },
      {
        name: 'picoAuth',
        // @ts-expect-error issuer and audience are required
        empty: () => picoAuth({}),
        // @ts-expect-error so are the options
        absent: () => picoAuth(),
        // @ts-expect-error no such option
        unknown: () => picoAuth({ issuer: 'https://pico.test', audience: 'a', url: 'https://pico.test' }),
      },
    ]) {
      it(`without what ${name} requires, or with what it does not know`, () => {
        for (const make of [empty, absent]) {
          const problems = problemsOf(make)
          expect(problems).to.have.length.greaterThan(1)
          for (const problem of problems) expect(problem).to.match(/: is required$/)
        }
        expect(problemsOf(unknown)).to.have.length(1)
        expect(problemsOf(unknown)[0]).to.match(/is not an option\b.*; known are /)
      })
    }
  })

  for (const { what, make, problems } of [
    {
      what: 'nothing',
      make: () => Reflect.apply(keycloak, null, []),
      problems: [
        'keycloak option baseUrl: is required',
        'keycloak option realm: is required',
        'keycloak option audience: is required',
      ],
    },
    {
      what: 'everything wrong',
      make: () => keycloak({ baseUrl: 'http://sso.test', realm: ' r', audience: [], ...({ relm: 'x' } as object) }),
      problems: [
        'keycloak option relm: is not an option (did you mean realm?); known are baseUrl, realm, audience, clientId',
        'keycloak option baseUrl: must be an https URL (http only for loopback hosts), without query or fragment',
        'keycloak option realm: must be text, without spaces around it',
        'keycloak option audience: must list at least one name, none of them empty',
      ],
    },
    {
      what: 'other types',
      make: () => Reflect.apply(auth0, null, [{ domain: 5, audience: [1] }]),
      problems: [
        'auth0 option domain: must be text, without spaces around it',
        'auth0 option audience: must list at least one name, none of them empty',
      ],
    },
    {
      what: 'a domain that is a URL',
      make: () => auth0({ domain: 'https://acme.auth0.com/authorize?x=1', audience: 'a' }),
      problems: ['auth0 option domain: must be a domain, such as example.eu.auth0.com'],
    },
    ...['common', 'organizations', 'consumers', 'acme.onmicrosoft.com', `${TENANT}/x`].map((tenantId) => ({
      what: `tenant ${tenantId}`,
      make: () => entraId({ tenantId, audience: CLIENT }),
      problems: [
        'entraId option tenantId: must be the id of one directory, a UUID: common and the like issue for everybody',
      ],
    })),
    {
      what: 'a server that leads elsewhere',
      make: () => okta({ domain: 'acme.okta.com', audience: 'a', authorizationServerId: '../x' }),
      problems: ['okta option authorizationServerId: must be an id, without slashes, spaces or the like'],
    },
    {
      what: 'a region that is a host',
      make: () => cognito({ region: 'evil.test/', userPoolId: 'x', clientId: 'c' }),
      problems: ['cognito option region: must be a region, such as eu-west-1'],
    },
    {
      what: 'an issuer in the clear',
      make: () => picoAuth({ issuer: 'http://pico.test', audience: 'a' }),
      problems: [
        'picoAuth option issuer: must be an https URL (http only for loopback hosts), without query or fragment',
      ],
    },
  ]) {
    it(`are refused with every reason at once: ${what}`, () => {
      expect(problemsOf(make)).to.deep.equal(problems)
    })
  }
})

describe('a provider chosen in files and the environment', () => {
  const load = (env: NodeJS.ProcessEnv, options: AuthClientOptions = {}) =>
    loadSettings({ env, options, configFiles: [] })
  const KEYCLOAK = {
    AUTH_CLIENT_PROVIDER: 'keycloak',
    AUTH_CLIENT_KEYCLOAK_BASE_URL: 'https://sso.test',
    AUTH_CLIENT_KEYCLOAK_REALM: 'acme',
    AUTH_CLIENT_KEYCLOAK_AUDIENCE: 'a,b',
    AUTH_CLIENT_KEYCLOAK_CLIENT_ID: '',
  }

  it('makes up the settings that are not given', () => {
    const settings = load(KEYCLOAK)
    expect(settings).to.deep.include(keycloak({ baseUrl: 'https://sso.test', realm: 'acme', audience: ['a', 'b'] }))
    expect(settings.jwksTtlSeconds).to.equal(300)
  })

  it('yields to what is given, from wherever it comes', () => {
    const env = { ...KEYCLOAK, AUTH_CLIENT_ROLE_CLAIMS: 'groups', AUTH_CLIENT_JWKS_TTL_SECONDS: '60' }
    const settings = load(env, { jwksEndpoint: 'https://keys.test/' })
    expect(settings).to.deep.include({
      issuer: 'https://sso.test/realms/acme',
      roleClaims: ['groups'],
      jwksTtlSeconds: 60,
      jwksEndpoint: 'https://keys.test/',
    })
  })

  for (const { what, env, issuer } of [
    {
      what: 'auth0',
      env: { AUTH_CLIENT_PROVIDER: 'auth0', AUTH_CLIENT_AUTH0_DOMAIN: 'acme.auth0.com' },
      issuer: 'https://acme.auth0.com/',
    },
    {
      what: 'okta',
      env: { AUTH_CLIENT_PROVIDER: 'okta', AUTH_CLIENT_OKTA_DOMAIN: 'acme.okta.com' },
      issuer: 'https://acme.okta.com/oauth2/default',
    },
    {
      what: 'pico_auth',
      env: { AUTH_CLIENT_PROVIDER: 'pico_auth', AUTH_CLIENT_PICO_AUTH_ISSUER: 'https://pico.test' },
      issuer: 'https://pico.test',
    },
  ]) {
    it(`takes the audience from the usual setting: ${what}`, () => {
      expect(load({ ...env, AUTH_CLIENT_AUDIENCE: 'api' })).to.deep.include({ issuer, audience: ['api'] })
      expect(load(env, { audience: 'api' })).to.deep.include({ issuer, audience: ['api'] })
    })
  }

  it('may have several issuers', () => {
    const { issuers } = load({
      AUTH_CLIENT_PROVIDER: 'entra_id',
      AUTH_CLIENT_ENTRA_ID_TENANT_ID: TENANT,
      AUTH_CLIENT_ENTRA_ID_AUDIENCE: CLIENT,
    })
    expect(issuers.map(({ issuer, audience, scopeClaims }) => ({ issuer, audience, scopeClaims }))).to.deep.equal([
      {
        issuer: `https://login.microsoftonline.com/${TENANT}/v2.0`,
        audience: [CLIENT, `api://${CLIENT}`],
        scopeClaims: ['scp'],
      },
      {
        issuer: `https://sts.windows.net/${TENANT}/`,
        audience: [CLIENT, `api://${CLIENT}`],
        scopeClaims: ['scp'],
      },
    ])
  })

  it('has client ids in place of an audience', () => {
    const env = {
      AUTH_CLIENT_PROVIDER: 'cognito',
      AUTH_CLIENT_COGNITO_REGION: 'eu-west-1',
      AUTH_CLIENT_COGNITO_USER_POOL_ID: 'eu-west-1_x',
      AUTH_CLIENT_COGNITO_CLIENT_ID: 'c1,c2',
    }
    expect(load(env)).to.deep.include({ audience: ['c1', 'c2'], audienceClaims: ['client_id'] })
  })

  for (const { what, env, problems } of [
    {
      what: 'an unknown provider',
      env: { AUTH_CLIENT_PROVIDER: 'keyclaok' },
      problems: [
        'AUTH_CLIENT_PROVIDER: is not a provider (did you mean keycloak?); known are keycloak, auth0, entra_id, okta, cognito, pico_auth',
      ],
    },
    {
      what: 'options that are missing, and nothing else that would come of them',
      env: { AUTH_CLIENT_PROVIDER: 'keycloak', AUTH_CLIENT_KEYCLOAK_REALM: 'r' },
      problems: ['auth_client.keycloak.base_url: is required', 'auth_client.keycloak.audience: is required'],
    },
    {
      what: 'options of another provider',
      env: { ...KEYCLOAK, AUTH_CLIENT_OKTA_DOMAIN: 'acme.okta.com' },
      problems: [
        "auth_client.okta: is for a provider that isn't chosen; set auth_client.provider to okta, or take it away",
      ],
    },
    {
      what: 'options without a provider',
      env: { AUTH_CLIENT_ISSUER: 'https://i.test', AUTH_CLIENT_AUDIENCE: 'a', AUTH_CLIENT_AUTH0_DOMAIN: 'x.auth0.com' },
      problems: [
        "auth_client.auth0: is for a provider that isn't chosen; set auth_client.provider to auth0, or take it away",
      ],
    },
  ]) {
    it(`is refused for ${what}`, () => {
      expect(problemsOf(() => load(env))).to.deep.equal(problems)
    })
  }

  it('knows no variable that is no option', () => {
    const [problem] = problemsOf(() => load({ ...KEYCLOAK, AUTH_CLIENT_KEYCLOAK_REALMS: 'x' }))
    expect(problem).to.match(
      /^AUTH_CLIENT_KEYCLOAK_REALMS: is not a setting \(did you mean AUTH_CLIENT_KEYCLOAK_REALM\?\); known are .*AUTH_CLIENT_PROVIDER, AUTH_CLIENT_KEYCLOAK_BASE_URL, AUTH_CLIENT_KEYCLOAK_REALM, .*AUTH_CLIENT_PICO_AUTH_/,
    )
  })
})

function problemsOf(work: () => unknown): readonly string[] {
  try {
    work()
  } catch (error) {
    if (!(error instanceof AuthConfigurationError)) throw error
    return error.problems.map(({ where, message }) => `${where}: ${message}`)
  }
  return []
}
