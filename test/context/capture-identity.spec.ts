import { expect } from 'chai'
import { captureIdentity, IdentityEnvelopeError, MissingTokenError, SecurityContext } from 'inversify-koa-auth'
import { runAs } from 'inversify-koa-auth/testing'
import { describe, it } from 'mocha'
import { toTokenClaims } from '../../src/tokens/token-claims.js'
import { now, tomorrow } from '../support/envelope.js'

const EXP = tomorrow()

const ann = {
  sub: 'ann',
  roles: ['editor'],
  groups: ['staff'],
  scopes: ['orders:read'],
  permissions: ['orders.read'],
  claims: {
    exp: EXP,
    iat: now() - 100,
    org_id: 'acme',
    client_id: 'web',
    email: 'ann@example.test',
    name: 'Ann Example',
    preferred_username: 'annie',
    secret_claim: 'hunter2',
  },
}

describe('a captured identity', () => {
  it('says who is calling, and nothing besides', () => {
    const before = now()
    const { issuedAt, ...members } = runAs(ann, () => captureIdentity())
    expect(members).to.deep.equal({
      v: 1,
      sub: 'ann',
      roles: ['editor'],
      groups: ['staff'],
      scopes: ['orders:read'],
      scopeWildcards: false,
      permissions: ['orders.read'],
      tenant: 'acme',
      clientId: 'web',
      issuer: 'https://issuer.test',
      expiresAt: EXP,
    })
    expect(issuedAt).to.be.within(before, now())
  })

  it('knows whether scopes have wildcards', () => {
    const captured = runAs(ann, () => {
      const principal = SecurityContext.principal()
      return principal && SecurityContext.run({ ...principal, scopeWildcards: true }, () => captureIdentity())
    })
    expect(captured).to.have.property('scopeWildcards', true)
  })

  it('is frozen all the way down, and the same after JSON and structured cloning', () => {
    const captured = runAs(ann, () => captureIdentity())
    for (const value of [captured, ...Object.values(captured)]) expect(value).to.be.frozen
    expect(JSON.parse(JSON.stringify(captured))).to.deep.equal(captured)
    expect(structuredClone(captured)).to.deep.equal(captured)
  })

  it('shares no list with a principal made by hand', () => {
    const roles = ['editor']
    const claims = toTokenClaims({ sub: 'ann', exp: EXP })
    const captured = SecurityContext.run({ claims, rawClaims: {}, roles }, () => captureIdentity())
    roles.push('admin')
    expect(captured.roles).to.deep.equal(['editor'])
  })

  it('takes no principal made by hand that is none', () => {
    const claims = { ...toTokenClaims({ sub: 'ann' }), expiresAt: Number.NaN }
    expect(() => SecurityContext.run({ claims, rawClaims: {}, roles: [] }, () => captureIdentity()))
      .to.throw(IdentityEnvelopeError)
      .with.property('code', 'identity_malformed')
  })

  describe('expires', () => {
    it('sooner than the token if asked', () => {
      const { issuedAt, expiresAt } = runAs(ann, () => captureIdentity({ expiresInSeconds: 60 }))
      expect(expiresAt).to.equal(issuedAt + 60)
    })

    it('never later than the token', () => {
      expect(runAs(ann, () => captureIdentity({ expiresInSeconds: 999_999 }))).to.have.property('expiresAt', EXP)
    })

    it('at once where the caller has no token that expires', () => {
      const principal = { claims: toTokenClaims({ sub: 'ann' }), rawClaims: {}, roles: [] }
      expect(SecurityContext.run(principal, () => captureIdentity())).to.have.property('expiresAt', 0)
    })

    for (const expiresInSeconds of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, '60' as unknown as number]) {
      it(`in no ${typeof expiresInSeconds} ${expiresInSeconds}`, () => {
        expect(() => runAs(ann, () => captureIdentity({ expiresInSeconds }))).to.throw(TypeError, 'expiresInSeconds')
      })
    }
  })

  it('is nobody nowhere', () => {
    expect(() => captureIdentity()).to.throw(MissingTokenError)
    expect(() => SecurityContext.run(undefined, () => captureIdentity())).to.throw(MissingTokenError)
  })
})
