import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { afterEach, beforeEach, describe, it } from 'mocha'
import { runIn } from '../support/command.js'

const MODULES = fileURLToPath(new URL('modules/', import.meta.url))
const ISSUER = 'https://idp.example.com'
const PLAIN = { AUTH_CLIENT_ISSUER: ISSUER, AUTH_CLIENT_AUDIENCE: 'tasks', AUTH_CLIENT_DEV_KEYS: 'true' }

describe('the command token', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'token-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const run = (env: NodeJS.ProcessEnv, ...args: readonly string[]) => runIn({ cwd: folder, env }, 'token', ...args)
  const good = async (env: NodeJS.ProcessEnv, ...args: readonly string[]) => {
    const { code, out, err } = await run(env, ...args)
    expect({ code, err }).to.deep.equal({ code: 0, err: '' })
    return { header: decodeProtectedHeader(out), claims: decodeJwt(out) as Record<string, unknown> }
  }

  it('prints a token for whoever it is asked for, and nothing else', async () => {
    const identity = ['--role', 'admin', 'clerk', '--group', 'ops', '--scope', 'a', '--scope', 'b', '--permission', 'p']
    const { header, claims } = await good(PLAIN, '--sub', 'ann', ...identity, '--expires-in', '2h')
    expect(header).to.deep.include({ alg: 'RS256', typ: 'at+jwt' })
    expect(header.kid).to.match(/^dev:[\w-]{43}$/)
    const { iat, exp, jti, ...rest } = claims
    expect(rest).to.deep.equal({
      iss: ISSUER,
      aud: 'tasks',
      sub: 'ann',
      role: ['admin', 'clerk'],
      groups: ['ops'],
      scope: 'a b',
      permissions: ['p'],
    })
    expect((exp as number) - (iat as number)).to.equal(7200)
    expect(jti).to.be.a('string')
  })

  it('signs with the same key the next time', async () => {
    const first = await good(PLAIN)
    const second = await good(PLAIN)
    expect(second.header).to.deep.equal(first.header)
    expect(second.claims['jti']).not.to.equal(first.claims['jti'])
  })

  it('keeps its keys where git does not look, the private one to itself', async () => {
    await good(PLAIN)
    await good({ ...PLAIN, AUTH_CLIENT_ACCEPTED_ALGORITHMS: 'ES256,RS256' })
    const keys = join(folder, '.auth-dev')
    expect(readdirSync(keys).sort()).to.deep.equal([
      '.gitignore',
      'ES256.private.pem',
      'ES256.public.json',
      'RS256.private.pem',
      'RS256.public.json',
    ])
    expect(readFileSync(join(keys, '.gitignore'), 'utf8')).to.equal('*\n')
    expect(JSON.parse(readFileSync(join(keys, 'RS256.public.json'), 'utf8'))).to.have.all.keys(
      ...['kty', 'n', 'e', 'kid', 'alg', 'use'],
    )
    expect(statSync(join(keys, 'RS256.private.pem')).mode & 0o777).to.equal(0o600)
    expect(statSync(keys).mode & 0o777).to.equal(0o700)
  })

  for (const { name, env, args = [], has } of [
    {
      name: 'nested claims',
      env: { AUTH_CLIENT_ROLE_CLAIMS: 'realm_access.roles', AUTH_CLIENT_GROUP_CLAIMS: 'realm_access.groups' },
      has: { realm_access: { roles: ['admin'], groups: ['ops'] } },
    },
    {
      name: 'names with dots',
      env: { AUTH_CLIENT_ROLE_CLAIMS: 'https://a.test/roles', AUTH_CLIENT_GROUP_CLAIMS: '/a~1b/c.d' },
      has: { 'https://a.test/roles': ['admin'], 'a/b': { 'c.d': ['ops'] } },
    },
    { name: 'members of every object', env: { AUTH_CLIENT_ROLE_CLAIMS: 'constructor.name' }, has: {} },
    { name: 'the RFC 9068 profile', env: { AUTH_CLIENT_PROFILE: 'rfc9068' }, has: { client_id: 'development' } },
    { name: 'another type', env: { AUTH_CLIENT_TOKEN_TYPES: 'access+jwt' }, has: {} },
    {
      name: 'roles where shorthand of the test kit has them',
      env: { AUTH_CLIENT_ROLE_CLAIMS: 'roles' },
      has: { roles: ['admin'], groups: ['ops'] },
    },
    {
      name: 'a claim by the name of such shorthand',
      env: {},
      args: ['--claim', 'roles=["x"]'],
      has: { roles: ['x'], role: ['admin'] },
    },
    {
      name: 'roles, groups and scopes in one claim',
      env: {
        AUTH_CLIENT_ROLE_CLAIMS: 'all.of',
        AUTH_CLIENT_GROUP_CLAIMS: '/all/of',
        AUTH_CLIENT_SCOPE_CLAIMS: 'all.of',
      },
      args: ['--scope', 'read', 'ops'],
      has: { all: { of: ['admin', 'ops', 'read'] } },
    },
    {
      name: 'a required value beside others',
      env: { AUTH_CLIENT_REQUIRED_CLAIMS: '{"groups":["staff"],"scope":["openid"],"aud":["all"]}' },
      args: ['--scope', 'read'],
      has: { groups: ['staff', 'ops'], scope: ['openid', 'read'], aud: ['all', 'tasks'] },
    },
    {
      name: 'claims that are required',
      env: { AUTH_CLIENT_REQUIRED_CLAIMS: '{"token_use":["access","any"],"a.b":["c"],"azp":true}' },
      has: { token_use: 'access', a: { b: 'c' }, azp: 'development' },
    },
    {
      name: 'an audience elsewhere',
      env: { AUTH_CLIENT_AUDIENCE_CLAIMS: 'client_id,aud' },
      has: { client_id: 'tasks' },
    },
    {
      name: 'claims of its own',
      env: {},
      args: ['--claim', 'email=ann@example.com', '--claim', 'limits.orders=5', 'flags=["x"]', 'empty='],
      has: { email: 'ann@example.com', limits: { orders: 5 }, flags: ['x'], empty: '' },
    },
  ]) {
    it(`makes a token that the settings accept: ${name}`, async () => {
      const { claims } = await good({ ...PLAIN, ...env }, '--role', 'admin', '--group', 'ops', ...args)
      expect(claims).to.deep.include(has)
    })
  }

  const PROVIDERS = {
    keycloak: {
      settings: { KEYCLOAK_BASE_URL: 'https://sso.test', KEYCLOAK_REALM: 'r' },
      has: { realm_access: { roles: ['admin'] }, groups: ['ops'], scope: 'read', permissions: ['pay'] },
    },
    auth0: {
      settings: { AUTH0_DOMAIN: 'tenant.eu.auth0.com', AUTH0_ROLES_CLAIM: 'https://a.test/roles' },
      has: { 'https://a.test/roles': ['admin'], groups: ['ops'], scope: 'read', permissions: ['pay'] },
    },
    entra_id: {
      settings: { ENTRA_ID_TENANT_ID: '5f0b1a68-64fb-4c41-a5e8-6c3d1f0a9d11' },
      has: { roles: ['admin'], groups: ['ops'], scp: 'read', permissions: ['pay'] },
    },
    okta: {
      settings: { OKTA_DOMAIN: 'dev-1.okta.com' },
      has: { groups: ['admin', 'ops'], scp: 'read', permissions: ['pay'] },
    },
    cognito: {
      settings: { COGNITO_REGION: 'eu-west-1', COGNITO_USER_POOL_ID: 'eu-west-1_a', COGNITO_CLIENT_ID: 'c' },
      has: { 'cognito:groups': ['admin', 'ops'], token_use: 'access', client_id: 'c', scope: 'read' },
    },
    pico_auth: {
      settings: { PICO_AUTH_ISSUER: 'https://auth.test' },
      has: { role: ['admin'], groups: ['ops'], scope: 'read', permissions: ['pay'] },
    },
  }
  const providersEnv = (provider: string, settings: Readonly<Record<string, string>>) => {
    const variables = Object.entries(settings).map(([name, value]) => [`AUTH_CLIENT_${name}`, value])
    const audience = provider === 'cognito' ? {} : { AUTH_CLIENT_AUDIENCE: 'tasks' }
    const usual = { AUTH_CLIENT_DEV_KEYS: 'true', AUTH_CLIENT_PROVIDER: provider }
    return { ...Object.fromEntries(variables), ...audience, ...usual }
  }
  for (const [provider, { settings, has }] of Object.entries(PROVIDERS)) {
    it(`makes a token as ${provider} would, with all that was asked for`, async () => {
      const held = ['--role', 'admin', '--group', 'ops', '--scope', 'read', '--permission', 'pay']
      const { claims } = await good(providersEnv(provider, settings), ...held)
      expect(claims).to.deep.include(has)
      expect(claims).not.to.have.any.keys(['role', 'roles'].filter((name) => !Object.hasOwn(has, name)))
    })
  }

  for (const { name, env = PLAIN, args, has, says } of [
    {
      name: 'roles that nobody looks for',
      env: providersEnv('auth0', { AUTH0_DOMAIN: 'tenant.eu.auth0.com' }),
      args: ['--role', 'admin'],
      has: {},
      says: 'role admin does not arrive: auth_client.role_claims is empty, so nobody has roles',
    },
    {
      name: 'roles that another claim takes the place of',
      args: ['--role', 'admin', 'clerk', '--claim', 'role=["clerk"]'],
      has: { role: ['clerk'] },
      says: 'role admin does not arrive: something else stands at role (auth_client.role_claims)',
    },
    {
      name: 'groups and permissions that are no lists',
      args: ['--group', 'ops', '--permission', 'pay', '--claim', 'groups=ops', 'permissions=pay'],
      has: { groups: 'ops', permissions: 'pay' },
      says: [
        'group ops does not arrive: something else stands at groups (auth_client.group_claims)',
        'permission pay does not arrive: something else stands at permissions (auth_client.permission_claims)',
      ].join('\n'),
    },
    {
      name: 'two scopes for one',
      args: ['--scope', 'read write', 'pay'],
      has: { scope: 'read write pay' },
      says: 'scope read write does not arrive: a scope has no spaces in it',
    },
    {
      name: 'scopes elsewhere',
      env: { ...PLAIN, AUTH_CLIENT_SCOPE_CLAIMS: 'scp,scope' },
      args: ['--scope', 'read', '--claim', 'scp=write'],
      has: { scp: 'write' },
      says: 'scope read does not arrive: something else stands at scp, scope (auth_client.scope_claims)',
    },
  ]) {
    it(`says what does not arrive: ${name}`, async () => {
      const { code, out, err } = await run(env, ...args)
      expect({ code, err }).to.deep.equal({ code: 1, err: says })
      expect(decodeJwt(out)).to.deep.include(has)
    })
  }

  it("asks the application's own RoleResolver, but about roles only", async () => {
    const module = relative(folder, join(MODULES, 'rosters.ts'))
    const complaints = async (...args: readonly string[]) => {
      const { code, err } = await run({}, '--module', module, ...args)
      const [, ...others] = err.split('\n')
      return { code, others }
    }
    expect(await complaints('--sub', 'ann', '--role', 'clerk')).to.deep.equal({ code: 0, others: [] })
    expect(await complaints('--sub', 'ann', '--role', 'admin')).to.deep.equal({
      code: 1,
      others: ["role admin does not arrive: it is in the token, but the application's RoleResolver gives other roles"],
    })
    expect(await complaints('--sub', 'bob', '--role', 'clerk')).to.deep.equal({
      code: 1,
      others: ['The application would refuse it: Authorization is temporarily unavailable (the roster has no bob)'],
    })
    expect(await complaints('--sub', 'bob', '--group', 'ops')).to.deep.equal({ code: 0, others: [] })
  })

  it('makes it for any of several issuers', async () => {
    const issuers = [{ issuer: 'https://a.test' }, { issuer: 'https://b.test', audience: 'b' }]
    const env = {
      AUTH_CLIENT_ISSUERS: JSON.stringify(issuers),
      AUTH_CLIENT_AUDIENCE: 'all',
      AUTH_CLIENT_DEV_KEYS: 'true',
    }
    expect((await good(env)).claims).to.include({ iss: 'https://a.test', aud: 'all' })
    expect((await good(env, '--issuer', 'https://b.test')).claims).to.include({ iss: 'https://b.test', aud: 'b' })
    expect(await run(env, '--issuer', 'https://c.test')).to.deep.equal({
      code: 2,
      out: '',
      err: '--issuer has to be one of: https://a.test, https://b.test',
    })
  })

  it('takes the settings of a module, or of files', async () => {
    const module = relative(folder, join(MODULES, 'orders.ts'))
    const { code, out, err } = await run({}, '--module', module)
    expect({ code, err }).to.deep.equal({
      code: 0,
      err: 'The application accepts it once auth_client.dev_keys is true (AUTH_CLIENT_DEV_KEYS).',
    })
    expect(decodeJwt(out).iss).to.equal('https://idp.test')
    writeFileSync(
      join(folder, 'application.yaml'),
      `auth_client: { issuer: '${ISSUER}', audience: yaml, dev_keys: true }`,
    )
    expect((await good({})).claims['aud']).to.equal('yaml')
    writeFileSync(join(folder, 'other.yaml'), `auth_client: { issuer: '${ISSUER}', audience: other, dev_keys: true }`)
    expect((await good({}, '--config', 'other.yaml')).claims['aud']).to.equal('other')
  })

  it('prints a token that would be refused as well, and says so', async () => {
    const { code, out, err } = await run(PLAIN, '--expires-in', '-1h')
    expect({ code, err }).to.deep.equal({ code: 1, err: 'The application would refuse it: Token has expired' })
    expect(decodeJwt(out).exp).to.be.lessThan(Date.now() / 1000)
    expect((await run(PLAIN, '--claim', 'aud=others')).code).to.equal(1)
  })

  for (const mode of ['production', ' Production ']) {
    it(`makes none where NODE_ENV is ${JSON.stringify(mode)}`, async () => {
      const { code, out, err } = await run({ ...PLAIN, AUTH_CLIENT_DEV_KEYS: 'false', NODE_ENV: mode })
      expect({ code, out }).to.deep.equal({ code: 2, out: '' })
      expect(err).to.contain('NODE_ENV')
      expect(existsSync(join(folder, '.auth-dev'))).to.equal(false)
    })
  }

  for (const { name, env, args = [], says } of [
    { name: 'no issuer', env: { ...PLAIN, AUTH_CLIENT_ISSUER: '' }, says: 'auth_client.issuer' },
    {
      name: 'no issuer, and nothing enforced',
      env: { AUTH_CLIENT_ENABLED: 'false' },
      says: 'auth_client.issuer is not set',
    },
    { name: 'a duration without a unit', env: PLAIN, args: ['--expires-in', '1 week'], says: '90s' },
    { name: 'a claim without a value', env: PLAIN, args: ['--claim', 'email'], says: 'path=value' },
    { name: 'a file that is not there', env: PLAIN, args: ['--config', 'none.yaml'], says: 'none.yaml' },
  ]) {
    it(`says what is wrong: ${name}`, async () => {
      const { code, out, err } = await run(env, ...args)
      expect({ code, out }).to.deep.equal({ code: 2, out: '' })
      expect(err).to.contain(says)
    })
  }

  it('says what is wrong with its key', async () => {
    await good(PLAIN)
    writeFileSync(join(folder, '.auth-dev', 'RS256.private.pem'), '')
    expect((await run(PLAIN)).err).to.equal('.auth-dev/RS256.private.pem holds no private key; delete it')
  })
})
