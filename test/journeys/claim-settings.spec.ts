import { expect } from 'chai'
import { type AuthModuleOptions, Controller, Get, SecurityContext } from 'inversify-koa-auth'
import { describe, it } from 'mocha'
import { expectProblem } from '../support/expect-problem.js'
import { kit, startApp } from '../support/start-app.js'

@Controller('/me')
class MeController {
  @Get()
  me() {
    const { groups, scopes, permissions } = SecurityContext.require()
    return { groups, scopes, permissions, roles: SecurityContext.getRoles() }
  }
}

const NOTHING = { groups: [], scopes: [], permissions: [], roles: [] }

describe('the settings about claims', () => {
  for (const { settings, claims, expected } of [
    {
      settings: {},
      claims: { groups: ['a'], scope: 'b c', permissions: ['d'], role: 'e' },
      expected: { groups: ['a'], scopes: ['b', 'c'], permissions: ['d'], roles: ['e'] },
    },
    { settings: {}, claims: { scp: ['b', 'c'] }, expected: { scopes: ['b', 'c'] } },
    {
      settings: { groupClaims: 'cognito:groups' },
      claims: { 'cognito:groups': ['a'], groups: ['x'] },
      expected: { groups: ['a'] },
    },
    {
      settings: { env: { AUTH_CLIENT_SCOPE_CLAIMS: 'granted.scopes' } },
      claims: { granted: { scopes: 'a b' }, scope: 'x' },
      expected: { scopes: ['a', 'b'] },
    },
    { settings: { permissionClaims: ['/x.y/p'] }, claims: { 'x.y': { p: ['a'] } }, expected: { permissions: ['a'] } },
    {
      settings: { roleClaims: ['/resource_access/my.app/roles'] },
      claims: { resource_access: { 'my.app': { roles: ['a'] } } },
      expected: { roles: ['a'] },
    },
    { settings: {}, claims: { groups: 'a', scope: 5, permissions: { a: 1 }, role: 7 }, expected: {} },
  ] satisfies readonly { settings: AuthModuleOptions; claims: object; expected: object }[]) {
    it(`make ${JSON.stringify(expected)} of ${JSON.stringify(claims)} with ${JSON.stringify(settings)}`, async () => {
      await withApp(settings, async (get) => {
        const response = await get(claims)
        expect(await response.json()).to.deep.equal({ ...NOTHING, ...expected })
      })
    })
  }

  for (const { settings, good, bad, code } of [
    {
      settings: { audienceClaims: 'client_id' },
      good: [{ aud: undefined, client_id: 'test-api' }],
      bad: [{ aud: 'test-api' }, { client_id: 'other' }],
      code: 'audience_mismatch',
    },
    {
      settings: { requiredClaims: { token_use: ['access'] } },
      good: [{ token_use: 'access' }],
      bad: [{}, { token_use: 'id' }, { token_use: true }],
      code: 'claim_missing',
    },
    {
      settings: { env: { AUTH_CLIENT_REQUIRED_CLAIMS: '{"azp":true}' } },
      good: [{ azp: 'web' }, { azp: 'app' }],
      bad: [{}, { azp: null }, { azp: '' }],
      code: 'claim_missing',
    },
    {
      settings: { env: { AUTH_CLIENT_REFUSED_CLAIMS: '{"typ":["ID","Refresh"]}' } },
      good: [{}, { typ: 'Bearer' }],
      bad: [{ typ: 'ID' }, { typ: ['Refresh'] }],
      code: 'claim_refused',
    },
  ]) {
    it(`let in only tokens by ${JSON.stringify(settings)}`, async () => {
      await withApp(settings, async (get) => {
        for (const claims of good) expect((await get(claims)).status).to.equal(200)
        for (const claims of bad) {
          await expectProblem(await get(claims), {
            status: 401,
            code,
            detail: /^Invalid token: it/,
            challenge: 'Bearer error="invalid_token"',
          })
        }
      })
    })
  }
})

async function withApp(
  settings: AuthModuleOptions,
  use: (get: (claims: object) => Promise<Response>) => Promise<void>,
): Promise<void> {
  const app = await startApp({ controllers: [MeController], settings })
  try {
    await use(async (claims) => app.get('/me', { token: await kit.makeToken({ ...claims }) }))
  } finally {
    await app.stop()
  }
}
