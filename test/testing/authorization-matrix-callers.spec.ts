import { expect } from 'chai'
import { Container } from 'inversify'
import {
  type AuthClientOptions,
  AuthModule,
  auth0,
  Controller,
  cognito,
  entraId,
  Get,
  KeySource,
  KoaModule,
  keycloak,
  okta,
  onAuthEvent,
  RequiresAgentScope,
  RequiresGroup,
  RequiresPermission,
  RequiresRole,
  RequiresScope,
  RevocationCheck,
  RoleResolver,
} from 'inversify-koa-auth'
import {
  type AuthorizationMatrix,
  type AuthorizationMatrixOptions,
  AuthTestKit,
  authorizationMatrix,
  generateSigningKeyPair,
} from 'inversify-koa-auth/testing'
import Koa from 'koa'
import { describe, it } from 'mocha'
import { rejection } from '../keys/rejection.js'
import { kit } from '../support/start-app.js'

@Controller()
class ReportController {
  @Get('/reports')
  @RequiresRole('analyst')
  list() {}
}

@Controller()
class EverythingController {
  @Get('/everything')
  @RequiresRole('admin')
  @RequiresGroup('ops')
  @RequiresScope('read')
  @RequiresPermission('pay')
  @RequiresAgentScope('pay')
  all() {}

  @Get('/any')
  @RequiresRole('admin')
  any() {}
}

interface Application {
  readonly controllers?: readonly (typeof ReportController | typeof EverythingController)[]
  readonly settings?: AuthClientOptions
  readonly roleResolver?: RoleResolver
  readonly bind?: (container: Container) => void
}

function load({ controllers = [ReportController], settings, roleResolver, bind }: Application): Container {
  const container = new Container()
  bind?.(container)
  const usual = { issuer: 'https://idp.example.com', audience: 'reports', env: {}, configFiles: [] }
  const { issuer, ...others } = usual
  const chosen = settings?.issuers === undefined ? usual : others
  container.load(new KoaModule({ controllers }), new AuthModule({ ...chosen, ...settings, roleResolver }))
  return container
}

function actual({ rows }: AuthorizationMatrix, route: string, caller: string): unknown {
  return rows.find((row) => row.route === route && row.caller === caller)?.actual
}

const EVERYTHING = 'everything, and an agent with scope pay'

const stranger = await AuthTestKit.create({ keyPair: await generateSigningKeyPair() })

describe('the callers of the authorization matrix', () => {
  it('need nothing but the container', async () => {
    const matrix = await authorizationMatrix(load({}))
    matrix.assertAsExpected()
    expect(actual(matrix, 'GET /reports', 'role analyst')).to.equal('allowed')
    expect(actual(matrix, 'GET /reports', 'a valid token')).to.equal(403)
    expect(actual(matrix, 'GET /reports', 'forged')).to.equal(401)
  })

  for (const { name, settings } of [
    { name: 'the defaults', settings: {} },
    {
      name: 'keycloak()',
      settings: keycloak({ baseUrl: 'https://sso.test', realm: 'r', audience: 'a', clientId: 'my.app' }),
    },
    {
      name: 'cognito()',
      settings: cognito({ region: 'eu-west-1', userPoolId: 'eu-west-1_a', clientId: 'c' }),
    },
    {
      name: 'entraId()',
      settings: entraId({ tenantId: '5f0b1a68-64fb-4c41-a5e8-6c3d1f0a9d11', audience: 'api://orders' }),
    },
    { name: 'okta()', settings: okta({ domain: 'dev-1.okta.com', audience: 'api://default' }) },
    {
      name: 'auth0()',
      settings: auth0({ domain: 'a.eu.auth0.com', audience: 'https://api.test', rolesClaim: 'https://a.test/roles' }),
    },
    { name: 'profile rfc9068', settings: { profile: 'rfc9068' as const } },
    { name: 'another type', settings: { tokenTypes: ['access+jwt'] } },
    { name: 'another algorithm', settings: { acceptedAlgorithms: ['ES256' as const] } },
    {
      name: 'required_claims',
      settings: { requiredClaims: { token_use: ['access'], 'tenant.id': ['1', '2'], azp: true as const } },
    },
    { name: 'audience_claims', settings: { audienceClaims: ['client_id', '/resource/for'] } },
    { name: 'role_claims: roles', settings: { roleClaims: ['roles'] } },
    { name: 'role_claims: realm_access.roles', settings: { roleClaims: ['realm_access.roles', 'role'] } },
    { name: 'role_claims: /realm.access/roles', settings: { roleClaims: ['/realm.access/roles'] } },
    { name: 'scope_claims: scp', settings: { scopeClaims: ['scp'], groupClaims: ['a.groups'] } },
  ]) {
    it(`are whom the settings would take them for: ${name}`, async () => {
      const refusals = new Set<string>()
      const stop = onAuthEvent('rejected', ({ reason }) => refusals.add(reason))
      try {
        const callers = { ann: { sub: 'ann', roles: ['admin'] } }
        const matrix = await authorizationMatrix(load({ controllers: [EverythingController], settings }), { callers })
        matrix.assertAsExpected()
        expect(actual(matrix, 'GET /everything', EVERYTHING)).to.equal('allowed')
        expect(actual(matrix, 'GET /any', 'role admin')).to.equal('allowed')
        expect(actual(matrix, 'GET /any', 'ann')).to.equal('allowed')
        expect(actual(matrix, 'GET /any', 'a valid token')).to.equal(403)
        const expected = ['token_missing', 'token_expired', 'audience_mismatch', 'signature_mismatch']
        expect([...refusals]).to.have.members([...expected, 'agent_token_missing'])
      } finally {
        stop()
      }
    })
  }

  it('have roles where the kit was told to write them, too', async () => {
    const roleClaim = 'https://a.test/roles'
    const own = await AuthTestKit.create({ issuer: 'https://idp.example.com', audience: 'reports', roleClaim })
    const roleResolver: RoleResolver = { resolve: (_claims, raw) => (raw[roleClaim] as string[] | undefined) ?? [] }
    const container = load({ roleResolver })
    own.install(container)
    const callers = { ann: { roles: ['analyst'] } }
    const matrix = await authorizationMatrix(container, { kit: own, callers })
    matrix.assertAsExpected()
    expect(actual(matrix, 'GET /reports', 'role analyst')).to.equal('allowed')
    expect(actual(matrix, 'GET /reports', 'ann')).to.equal('allowed')
  })

  it('say besides what they are told to, beside what they hold', async () => {
    const seen: unknown[] = []
    const roleResolver: RoleResolver = {
      resolve: ({ sub, orgId, groups }, { role }) => {
        if (orgId === '') throw new Error('every caller has a tenant')
        seen.push({ sub, orgId, groups, role })
        return [role as string[]].flat()
      },
    }
    const settings = { requiredClaims: { org_id: ['1', '2'] }, groupClaims: ['teams.all'] }
    const options: AuthorizationMatrixOptions = {
      claims: { org_id: '2', teams: { all: ['staff'] }, roles: ['user'] },
      callers: { ann: { sub: 'ann', org_id: '1' }, bob: { sub: 'bob', roles: 'analyst' } },
    }
    const container = load({ controllers: [ReportController, EverythingController], settings, roleResolver })
    const matrix = await authorizationMatrix(container, options)
    matrix.assertAsExpected()
    expect(seen).to.deep.include({ sub: 'ann', orgId: '1', groups: ['staff'], role: ['user'] })
    expect(seen).to.deep.include({ sub: 'bob', orgId: '2', groups: ['staff'], role: 'analyst' })
    const sub = 'authorization-matrix'
    expect(seen).to.deep.include({ sub, orgId: '2', groups: ['staff'], role: ['user'] })
    expect(seen).to.deep.include({ sub, orgId: '2', groups: ['staff', 'ops'], role: ['user'] })
    expect(seen).to.deep.include({ sub, orgId: '2', groups: ['staff'], role: ['user', 'admin'] })
  })

  const tenants: RoleResolver = {
    resolve: ({ orgId }) => {
      if (orgId === '') throw new Error('every caller has a tenant')
      return ['analyst']
    },
  }
  const unsure: RevocationCheck = {
    isRevoked: async () => {
      throw new Error('no such host')
    },
  }
  for (const { what, app, options, says } of [
    {
      what: 'a claim that they lack',
      app: { roleResolver: tenants },
      says: 'the application does not accept "a valid token": Authorization is temporarily unavailable (every caller has a tenant). What a token has to say for that goes into { claims: { … } }',
    },
    {
      what: 'a claim that is refused',
      app: { settings: { refusedClaims: { sub: ['ann'] } } },
      options: { callers: { ann: { sub: 'ann' } } },
      says: 'the application does not accept "ann": Invalid token: ',
    },
    {
      what: 'keys that are not theirs',
      app: {
        settings: { ...kit.settings },
        bind: (to: Container) => to.bind(KeySource).toConstantValue(stranger.keySource),
      },
      options: { kit },
      says: "The keys have to be the kit's: kit.install(container), or leave the kit to the matrix",
    },
    {
      what: 'a revocation check that has no answer',
      app: { bind: (to: Container) => to.bind(RevocationCheck).toConstantValue(unsure) },
      says: 'For the matrix, rebind RevocationCheck to one that answers',
    },
    {
      what: 'more than fits into a token',
      app: { settings: { maxTokenBytes: 400 } },
      says: 'That is auth_client.max_token_bytes; some callers have all that any route asks for',
    },
    {
      what: 'settings that accept nobody',
      app: { settings: { enabled: false, issuer: '' } },
      says: 'auth_client.enabled is false, and no issuer is set',
    },
    {
      what: 'roles that the resolver gives to nobody',
      app: { roleResolver: { resolve: () => ['user'] } },
      says: "no caller has role analyst, which GET /reports asks for: the application's RoleResolver gives it to none of them. Add one to { callers: { … } }; or, if that is meant: { outOfReach: ['GET /reports'] }",
    },
    {
      what: 'roles that nobody looks for',
      app: { settings: { roleClaims: [] } },
      says: 'no caller has role analyst, which GET /reports asks for: auth_client.role_claims is empty.',
    },
    {
      what: 'groups that nobody looks for',
      app: { controllers: [EverythingController], settings: { groupClaims: [] } },
      says: 'has group ops, which GET /everything asks for: auth_client.group_claims is empty.',
    },
    {
      what: 'nobody who has all that is asked for together',
      app: {
        controllers: [EverythingController],
        roleResolver: { resolve: ({ sub }: { readonly sub: string }) => (sub === 'ann' ? ['admin'] : []) },
      },
      options: { callers: { ann: { sub: 'ann' } } },
      says: 'no caller may pass GET /everything, which is for role admin, and group ops, and scope read, and permission pay, and an agent with scope pay. Add one to { callers: { … } }; or, if that is meant: ',
    },
  ] as readonly {
    readonly what: string
    readonly app: Application
    readonly options?: AuthorizationMatrixOptions
    readonly says: string
  }[]) {
    it(`may not be what they are meant to be, and it is said what to do: ${what}`, async () => {
      const error = await rejection(authorizationMatrix(load(app), options), TypeError)
      expect(error.message).to.contain(says)
    })
  }

  it('may be added where a resolver knows people by name', async () => {
    const roleResolver: RoleResolver = { resolve: async ({ sub }) => (sub === 'ann' ? ['analyst'] : []) }
    const matrix = await authorizationMatrix(load({ roleResolver }), { callers: { ann: { sub: 'ann' } } })
    matrix.assertAsExpected()
    expect(actual(matrix, 'GET /reports', 'ann')).to.equal('allowed')
    expect(actual(matrix, 'GET /reports', 'role analyst')).to.equal(403)
  })

  it('may all be without what a route asks for, where that is meant', async () => {
    const roleResolver: RoleResolver = { resolve: () => [] }
    const matrix = await authorizationMatrix(load({ roleResolver }), { outOfReach: ['GET /reports'] })
    matrix.assertAsExpected()
    expect(matrix.rows.map((row) => row.actual)).not.to.include('allowed')
  })

  it('can not call an application that is built, which is said', async () => {
    const app = load({}).get<Koa>(Koa)
    const error = await rejection(authorizationMatrix(app as unknown as Container), TypeError)
    expect(error.message).to.contain('takes the container, before container.get(Koa)')
  })
})
