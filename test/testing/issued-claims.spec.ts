import { expect } from 'chai'
import { describe, it } from 'mocha'
import type { AuthClientOptions, IssuerSettings } from '../../src/config/auth-client-settings.js'
import { loadSettings } from '../../src/config/load-settings.js'
import { type Claims, withClaim } from '../../src/testing/claim-placement.js'
import { type IssuedIdentity, issuedClaims } from '../../src/testing/issued-claims.js'
import { claimAt } from '../../src/tokens/claim-at.js'

const settings = (options: AuthClientOptions = {}): IssuerSettings =>
  loadSettings({ options: { issuer: 'https://idp.test', audience: 'tasks', ...options }, env: {}, configFiles: [] })

describe('the claims that settings ask for', () => {
  const table: readonly {
    readonly name: string
    readonly given?: IssuerSettings
    readonly held?: Omit<IssuedIdentity, 'sub'>
    readonly base?: Claims
    readonly expected: object
  }[] = [
    { name: 'who it is about, and for whom', expected: { iss: 'https://idp.test', sub: 'ann', aud: 'tasks' } },
    {
      name: 'what is held, beside what is said besides',
      held: { role: ['admin'], scope: ['read', 'write'] },
      base: { role: 'user', scope: 'openid profile', aud: 'others', tenant: '1' },
      expected: {
        aud: ['others', 'tasks'],
        role: ['user', 'admin'],
        scope: ['openid', 'profile', 'read', 'write'],
        tenant: '1',
      },
    },
    {
      name: 'one list for all that is looked for in it',
      given: settings({ roleClaims: ['a.all'], groupClaims: ['/a/all'], scopeClaims: ['a.all'] }),
      held: { role: ['x', 'y'], group: ['y', 'z'], scope: ['z', 's'] },
      expected: { a: { all: ['x', 'y', 'z', 's'] } },
    },
    {
      name: 'what is required, unless it is said already',
      given: settings({ requiredClaims: { token_use: ['access'], 'tenant.id': ['1'], sub: ['service'] } }),
      base: { tenant: { id: '2' } },
      expected: { token_use: 'access', tenant: { id: '2' }, sub: 'service' },
    },
    {
      name: 'anything where anything will do, unless there is something',
      given: settings({ requiredClaims: { email: true, groups: true, 'tenant.id': true, exp: true, iat: true } }),
      held: { group: ['ops'] },
      expected: {
        email: 'development',
        groups: ['ops'],
        tenant: { id: 'development' },
        exp: undefined,
        iat: undefined,
      },
    },
    {
      name: 'a client where the profile asks for one',
      given: settings({ profile: 'rfc9068' }),
      expected: { client_id: 'development' },
    },
    {
      name: 'the client that is the audience',
      given: settings({ profile: 'rfc9068', audienceClaims: ['client_id'] }),
      expected: { client_id: 'tasks', aud: undefined },
    },
  ]
  for (const { name, given = settings(), held = {}, base, expected } of table) {
    it(`are ${name}`, () => {
      const before = structuredClone(base)
      const claims = issuedClaims({ sub: 'ann', ...held }, given, base)
      for (const [claim, value] of Object.entries(expected)) expect(claims[claim], claim).to.deep.equal(value)
      expect(base).to.deep.equal(before)
    })
  }

  for (const path of ['role', 'a.b.c', '/a/b.c/d~1e~0', 'https://a.test/b.c', 'cognito:groups', '__proto__.x', '/']) {
    it(`stand where they are read from: ${path}`, () => {
      for (const claims of [{}, { a: { b: { other: 1 } } }, { a: 'text' }, { [path]: 'whole' }]) {
        const written = JSON.parse(JSON.stringify(withClaim(claims, path, ['x'])))
        expect(claimAt(written, path)).to.deep.equal(['x'])
      }
      expect(({} as { readonly x?: unknown }).x).to.equal(undefined)
    })
  }

  it('leave what stands beside them', () => {
    expect(withClaim({ a: { b: 1 } }, 'a.c', 2)).to.deep.equal({ a: { b: 1, c: 2 } })
  })
})
