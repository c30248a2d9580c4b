import { expect } from 'chai'
import { AllowAnonymous, Controller, Get, Param, RequiresRole, SecurityContext } from 'inversify-koa-auth'
import { AuthTestKit, generateSigningKeyPair, type TokenOptions } from 'inversify-koa-auth/testing'
import { after, before, describe, it } from 'mocha'
import { expectProblem, NO_TOKEN } from '../support/expect-problem.js'
import { kit, type RunningApp, startApp } from '../support/start-app.js'

@Controller('/tasks')
class TaskController {
  @Get('/health')
  @AllowAnonymous()
  health() {
    return { caller: SecurityContext.get() ?? null, authenticated: SecurityContext.isAuthenticated() }
  }

  @Get('/me')
  me() {
    return SecurityContext.require()
  }

  @Get('/reports')
  @RequiresRole('manager', 'admin')
  reports() {
    return { readBy: SecurityContext.getRoles() }
  }

  @Get('/:id')
  find(@Param('id') id: string) {
    return { id }
  }
}

describe('a secured application', () => {
  let app: RunningApp

  before(async () => {
    app = await startApp({ controllers: [TaskController] })
  })
  after(() => app.stop())

  it('refuses a request without a token', async () => {
    await expectProblem(await app.get('/tasks/me'), NO_TOKEN)
  })

  it('lets a valid token in and knows its holder', async () => {
    const token = await kit.makeToken({ sub: 'ann', email: 'ann@example.com', org_id: 'acme', scope: 'read write' })
    const response = await app.get('/tasks/me', { token })
    expect(response.status).to.equal(200)
    expect(await response.json()).to.deep.include({
      sub: 'ann',
      email: 'ann@example.com',
      orgId: 'acme',
      scopes: ['read', 'write'],
      groups: [],
      issuer: kit.issuer,
      audience: [kit.audience],
    })
  })

  it('binds a path parameter for a caller without roles', async () => {
    const response = await app.get('/tasks/a%2Fb', { token: await kit.makeToken() })
    expect(await response.json()).to.deep.equal({ id: 'a/b' })
  })

  describe('on an anonymous route', () => {
    for (const { sends, headers } of [
      { sends: 'no token', headers: async () => ({}) },
      { sends: 'a valid token', headers: async () => ({ authorization: await kit.authorization({ sub: 'ann' }) }) },
      {
        sends: 'an expired token',
        headers: async () => ({ authorization: await kit.authorization({}, { expiresIn: '-1h' }) }),
      },
      { sends: 'a malformed header', headers: async () => ({ authorization: 'Bearer not a token' }) },
    ]) {
      it(`answers 200 with an empty context to a caller who sends ${sends}`, async () => {
        const response = await app.get('/tasks/health', { headers: await headers() })
        expect(response.status).to.equal(200)
        expect(await response.json()).to.deep.equal({ caller: null, authenticated: false })
      })
    }
  })

  describe('on a route that requires manager or admin', () => {
    for (const { roles, status } of [
      { roles: ['admin'], status: 200 },
      { roles: ['manager'], status: 200 },
      { roles: ['viewer', 'manager'], status: 200 },
      { roles: 'admin', status: 200 },
      { roles: ['Admin'], status: 403 },
      { roles: ['ADMIN', 'MANAGER'], status: 403 },
      { roles: ['viewer'], status: 403 },
      { roles: ['adminx', 'xadmin', ' admin', 'admin manager', 'admin,manager'], status: 403 },
      { roles: 'admin manager', status: 403 },
      { roles: [], status: 403 },
      { roles: [['admin']], status: 403 },
      { roles: { admin: true }, status: 403 },
      { roles: true, status: 403 },
      { roles: undefined, status: 403 },
    ]) {
      it(`answers ${status} to the role claim ${JSON.stringify(roles)}`, async () => {
        const response = await app.get('/tasks/reports', { token: await kit.makeToken({ sub: 'ann', roles }) })
        if (status === 200) {
          expect(response.status).to.equal(200)
          return
        }
        const problem = await expectProblem(response, {
          status: 403,
          detail: 'Requires one of roles: admin, manager',
          code: 'insufficient_permissions',
          challenge: 'Bearer error="insufficient_scope"',
        })
        expect(problem['missing']).to.deep.equal({ roles: ['admin', 'manager'] })
      })
    }
  })

  describe('refuses a token that', () => {
    const invalid = 'Bearer error="invalid_token"'
    const now = Math.floor(Date.now() / 1000)
    const cases: readonly {
      readonly name: string
      readonly detail: string
      readonly claims?: Record<string, unknown>
      readonly options?: TokenOptions
      readonly token?: () => Promise<string>
    }[] = [
      { name: 'has expired', detail: 'Token has expired', options: { expiresIn: '-1h' } },
      { name: 'expired just beyond the tolerance', detail: 'Token has expired', options: { expiresIn: -6 } },
      {
        name: 'is signed with another key under the right key id',
        detail: 'Invalid token: the signature does not match',
        token: async () => kit.makeToken({}, { key: await generateSigningKeyPair() }),
      },
      {
        name: 'is signed with a key the issuer does not have',
        detail: 'Invalid token: no key of the issuer matches it',
        token: async () => {
          const stranger = await AuthTestKit.create({ keyPair: await generateSigningKeyPair() })
          return stranger.makeToken()
        },
      },
      {
        name: 'comes from another issuer',
        detail: 'Invalid token: it comes from another issuer',
        claims: { iss: 'https://elsewhere.test' },
      },
      {
        name: 'has a slash at the end of its issuer',
        detail: 'Invalid token: it comes from another issuer',
        claims: { iss: `${kit.issuer}/` },
      },
      { name: 'names no issuer', detail: 'Invalid token: it comes from another issuer', claims: { iss: undefined } },
      {
        name: 'is meant for another audience',
        detail: 'Invalid token: it is meant for another audience',
        claims: { aud: 'another-api' },
      },
      {
        name: 'is meant for several others',
        detail: 'Invalid token: it is meant for another audience',
        claims: { aud: ['another-api', `${kit.audience}2`] },
      },
      {
        name: 'is meant for nobody',
        detail: 'Invalid token: it is meant for another audience',
        claims: { aud: undefined },
      },
      {
        name: 'is not signed at all',
        detail: 'Invalid token: its algorithm is not accepted',
        options: { header: { alg: 'none' } },
      },
      ...['none', 'None', 'nOnE', 'rs256', ''].map((alg) => ({
        name: `claims the algorithm ${JSON.stringify(alg)} for a signature it carries`,
        detail: 'Invalid token: its algorithm is not accepted',
        token: async () => {
          const [header, payload] = (await kit.makeToken({}, { header: { alg } })).split('.')
          return `${header}.${payload}.c2lnbmF0dXJl`
        },
      })),
      {
        name: 'is signed with the public key as a secret',
        detail: 'Invalid token: its algorithm is not accepted',
        options: { header: { alg: 'HS256' } },
      },
      {
        name: 'uses an algorithm that is not accepted',
        detail: 'Invalid token: its algorithm is not accepted',
        options: { header: { alg: 'RS512' } },
      },
      {
        name: 'is of another type',
        detail: 'Invalid token: its type is not accepted',
        options: { header: { typ: 'logout+jwt' } },
      },
      {
        name: 'has critical extensions',
        detail: 'Invalid token: its header asks for something that is not supported',
        options: { header: { crit: ['exp'] } },
      },
      { name: 'has no expiry', detail: 'Invalid token: it has no expiry', claims: { exp: undefined } },
      { name: 'is not valid yet', detail: 'Invalid token: it is not valid yet', options: { notBefore: '1h' } },
      {
        name: 'was issued in the future',
        detail: 'Invalid token: it was issued in the future',
        claims: { iat: now + 3600 },
      },
      {
        name: 'has an expiry that is not a number',
        detail: 'Invalid token: one of its claims is malformed',
        claims: { exp: '9999999999' },
      },
      {
        name: 'is longer than accepted',
        detail: 'Invalid token: it is too long',
        claims: { padding: 'x'.repeat(8192) },
      },
      {
        name: 'has a part too few',
        detail: 'Invalid token: it is not a well-formed signed JWT',
        token: async () => (await kit.makeToken()).split('.').slice(0, 2).join('.'),
      },
      {
        name: 'has lost its last character',
        detail: 'Invalid token: it is not a well-formed signed JWT',
        token: async () => (await kit.makeToken()).slice(0, -1),
      },
      {
        name: 'is not a JWT',
        detail: 'Invalid token: it is not a well-formed signed JWT',
        token: async () => 'opaque',
      },
    ]
    for (const { name, detail, claims, options, token } of cases) {
      it(name, async () => {
        const response = await app.get('/tasks/me', {
          token: (await token?.()) ?? (await kit.makeToken(claims, options)),
        })
        const code = detail === 'Token has expired' ? { code: 'token_expired' } : {}
        await expectProblem(response, { status: 401, detail, challenge: invalid, ...code })
      })
    }
  })

  for (const { name, claims, options } of [
    { name: 'expired within the tolerance', options: { expiresIn: -2 } },
    { name: 'is meant for several audiences, ours among them', claims: { aud: ['another-api', 'test-api'] } },
    { name: 'says no type', options: { header: { typ: undefined } } },
    { name: 'is of type JWT', options: { header: { typ: 'JWT' } } },
    { name: 'has no key id, where one key fits', options: { kid: undefined } },
    { name: 'has no subject', claims: { sub: undefined } },
  ] as { name: string; claims?: Record<string, unknown>; options?: TokenOptions }[]) {
    it(`accepts a token that ${name}`, async () => {
      const response = await app.get('/tasks/me', { token: await kit.makeToken(claims, options) })
      expect(response.status).to.equal(200)
    })
  }
})
