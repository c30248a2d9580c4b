import { expect } from 'chai'
import type { JWTPayload } from 'jose'
import { describe, it } from 'mocha'
import { type TokenClaims, toTokenClaims } from '../../src/tokens/token-claims.js'

const EMPTY: TokenClaims = {
  sub: '',
  email: '',
  role: '',
  orgId: '',
  jti: '',
  groups: [],
  scopes: [],
  permissions: [],
  username: '',
  name: '',
  emailVerified: false,
  issuer: '',
  audience: [],
  expiresAt: 0,
  issuedAt: 0,
  clientId: '',
  actors: [],
}

const TEXTS = {
  sub: 'sub',
  email: 'email',
  role: 'role',
  org_id: 'orgId',
  jti: 'jti',
  preferred_username: 'username',
  name: 'name',
  iss: 'issuer',
  client_id: 'clientId',
  azp: 'clientId',
} as const
const LISTS = { groups: 'groups', permissions: 'permissions', aud: 'audience', scp: 'scopes', scope: 'scopes' } as const
const NUMBERS = { exp: 'expiresAt', iat: 'issuedAt' } as const

describe('the claims of a token', () => {
  const all = {
    sub: 'ann',
    email: 'ann@example.com',
    role: 'editor',
    org_id: 'org-1',
    jti: 'id-1',
    groups: ['g1', 'g2'],
    scope: 'tasks.read tasks.write',
    permissions: ['p1'],
    preferred_username: 'annie',
    name: 'Ann',
    email_verified: true,
    iss: 'https://idp.example.com',
    aud: 'api',
    exp: 200,
    iat: 100,
    client_id: 'web',
    act: { sub: 'agent-1', iss: 'https://agents.example.com' },
  }

  it('have one name and one type each', () => {
    expect(toTokenClaims(all)).to.deep.equal({
      sub: 'ann',
      email: 'ann@example.com',
      role: 'editor',
      orgId: 'org-1',
      jti: 'id-1',
      groups: ['g1', 'g2'],
      scopes: ['tasks.read', 'tasks.write'],
      permissions: ['p1'],
      username: 'annie',
      name: 'Ann',
      emailVerified: true,
      issuer: 'https://idp.example.com',
      audience: ['api'],
      expiresAt: 200,
      issuedAt: 100,
      clientId: 'web',
      actors: [{ sub: 'agent-1', issuer: 'https://agents.example.com' }],
    })
  })

  it('are empty when absent', () => {
    expect(toTokenClaims({})).to.deep.equal(EMPTY)
  })

  for (const value of [null, true, 5, 'text', ['text'], { a: 1 }]) {
    const kind = JSON.stringify(value)
    for (const [claim, name] of Object.entries(TEXTS)) {
      if (typeof value === 'string') continue
      it(`read as absent when of the wrong type: ${claim} ${kind}`, () => {
        expect(toTokenClaims({ [claim]: value } as JWTPayload)).to.deep.equal({ ...EMPTY, [name]: '' })
      })
    }
    for (const [claim, name] of Object.entries(NUMBERS)) {
      if (typeof value === 'number') continue
      it(`read as absent when of the wrong type: ${claim} ${kind}`, () => {
        expect(toTokenClaims({ [claim]: value } as JWTPayload)).to.deep.equal({ ...EMPTY, [name]: 0 })
      })
    }
    for (const claim of Object.keys(LISTS)) {
      const isText = typeof value === 'string' && claim !== 'groups' && claim !== 'permissions'
      if (Array.isArray(value) || isText) continue
      it(`read as absent when of the wrong type: ${claim} ${kind}`, () => {
        expect(toTokenClaims({ [claim]: value } as JWTPayload)).to.deep.equal(EMPTY)
      })
    }
    if (value === true) continue
    it(`say that an address is verified with true alone, not with ${kind}`, () => {
      expect(toTokenClaims({ email_verified: value }).emailVerified).to.equal(false)
    })
  }

  for (const [claim, name] of Object.entries(LISTS)) {
    it(`leave out what is no text in a list: ${claim}`, () => {
      const mixed = { [claim]: ['a', 1, null, ['b'], 'c'] } as unknown as JWTPayload
      expect(toTokenClaims(mixed)).to.deep.equal({ ...EMPTY, [name]: ['a', 'c'] })
    })
  }

  for (const { claims, scopes } of [
    { claims: { scope: 'a  b ' }, scopes: ['a', 'b'] },
    { claims: { scope: '' }, scopes: [] },
    { claims: { scp: 'a b' }, scopes: ['a', 'b'] },
    { claims: { scp: ['a', 'b c'] }, scopes: ['a', 'b c'] },
    { claims: { scope: 'a', scp: ['b'] }, scopes: ['a'] },
  ]) {
    it(`find scopes in ${JSON.stringify(claims)}`, () => {
      expect(toTokenClaims(claims).scopes).to.deep.equal(scopes)
    })
  }

  for (const { claims, clientId } of [
    { claims: { client_id: 'a', azp: 'b' }, clientId: 'a' },
    { claims: { azp: 'b' }, clientId: 'b' },
    { claims: { client_id: 5, azp: 'b' }, clientId: 'b' },
  ]) {
    it(`find the client in ${JSON.stringify(claims)}`, () => {
      expect(toTokenClaims(claims).clientId).to.equal(clientId)
    })
  }

  describe('read groups, scopes and permissions where the settings say', () => {
    const paths = {
      groupClaims: ['cognito:groups', '/app.x/groups'],
      scopeClaims: ['auth.scopes', 'scp'],
      permissionClaims: ['p'],
    }
    for (const { claims, expected } of [
      { claims: { 'cognito:groups': ['a'] }, expected: { groups: ['a'] } },
      {
        claims: { 'cognito:groups': ['a', 'b'], 'app.x': { groups: ['b', 'c'] } },
        expected: { groups: ['a', 'b', 'c'] },
      },
      { claims: { 'cognito:groups': 'a', 'app.x': { groups: ['c', 5] } }, expected: { groups: ['c'] } },
      { claims: { groups: ['a'], scope: 'a', permissions: ['a'] }, expected: {} },
      { claims: { auth: { scopes: 'a b' } }, expected: { scopes: ['a', 'b'] } },
      { claims: { auth: { scopes: ['a b'] }, scp: ['c'] }, expected: { scopes: ['a b'] } },
      { claims: { scp: 'c' }, expected: { scopes: ['c'] } },
      { claims: { auth: { scopes: 5 }, scp: 'c' }, expected: { scopes: [] } },
      { claims: { auth: { scopes: { a: 1 } } }, expected: { scopes: [] } },
      { claims: { p: ['a'] }, expected: { permissions: ['a'] } },
      { claims: { p: 'a b' }, expected: { permissions: [] } },
    ]) {
      it(`in ${JSON.stringify(claims)}`, () => {
        const { groups, scopes, permissions } = toTokenClaims(claims as JWTPayload, paths)
        expect({ groups, scopes, permissions }).to.deep.equal({ groups: [], scopes: [], permissions: [], ...expected })
        for (const list of [groups, scopes, permissions]) expect(list).to.be.frozen
      })
    }

    it('and nowhere where they name no place', () => {
      const nowhere = { groupClaims: [], scopeClaims: [], permissionClaims: [] }
      const { groups, scopes, permissions } = toTokenClaims({ groups: ['a'], scope: 'a', permissions: ['a'] }, nowhere)
      expect([...groups, ...scopes, ...permissions]).to.deep.equal([])
    })
  })

  it('hold several audiences', () => {
    expect(toTokenClaims({ aud: ['a', 'b'] }).audience).to.deep.equal(['a', 'b'])
  })

  it('are frozen, lists included', () => {
    for (const payload of [all, {}, { aud: ['a'], scp: ['b'] }]) {
      const claims = toTokenClaims(payload)
      expect(claims).to.be.frozen
      for (const value of Object.values(claims)) expect(Object.isFrozen(value)).to.equal(true)
    }
  })

  it("don't freeze the payload they are read from", () => {
    const payload = { groups: ['a'] }
    toTokenClaims(payload)
    expect(payload.groups).not.to.be.frozen
  })
})
