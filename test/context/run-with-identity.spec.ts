import { setTimeout as wait } from 'node:timers/promises'
import { expect } from 'chai'
import fc from 'fast-check'
import {
  AgentContext,
  captureIdentity,
  IdentityEnvelopeError,
  InsufficientPermissionsError,
  isAuthError,
  type Principal,
  runWithIdentity,
  SecurityContext,
} from 'inversify-koa-auth'
import { runAs } from 'inversify-koa-auth/testing'
import { describe, it } from 'mocha'
import { toTokenClaims } from '../../src/tokens/token-claims.js'
import { envelope, now, tomorrow } from '../support/envelope.js'

const HOUR = { maxAgeSeconds: 3600 }
const sub = () => SecurityContext.get()?.sub
const throughJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

function refusal(value: unknown, maxAgeSeconds = 3600): unknown {
  let began = false
  try {
    runWithIdentity(value, () => (began = true), { maxAgeSeconds })
  } catch (error) {
    expect(began).to.equal(false)
    expect(error).to.be.instanceOf(IdentityEnvelopeError)
    return (error as IdentityEnvelopeError).code
  }
  return 'none'
}

const texts = fc.array(fc.string({ unit: 'binary' }))
const exp = fc.double({ min: tomorrow(), max: 1e12, noNaN: true })

const principals: fc.Arbitrary<Principal> = fc
  .record({
    sub: fc.string({ unit: 'binary' }),
    org_id: fc.string(),
    client_id: fc.string(),
    iss: fc.webUrl(),
    exp,
    groups: texts,
    scp: texts,
    permissions: texts,
    roles: texts,
    scopeWildcards: fc.boolean(),
  })
  .map(({ roles, scopeWildcards, ...rawClaims }) => {
    return { claims: toTokenClaims(rawClaims), rawClaims, roles, ...(scopeWildcards ? { scopeWildcards } : {}) }
  })

describe('work run with an identity', () => {
  it('runs as the caller', () => {
    const written = envelope()
    runWithIdentity(throughJson(written), check, HOUR)
    function check(): void {
      const claims = SecurityContext.require()
      const { groups, scopes, permissions, orgId, clientId, issuer, expiresAt } = claims
      expect({ sub: claims.sub, groups, scopes, permissions, orgId, clientId, issuer, expiresAt }).to.deep.equal({
        sub: 'ann',
        groups: ['staff'],
        scopes: ['orders:*'],
        permissions: ['orders.read'],
        orgId: 'acme',
        clientId: 'web',
        issuer: 'https://issuer.test',
        expiresAt: written.expiresAt,
      })
      expect(SecurityContext.getRoles()).to.deep.equal(['manager', 'user'])
      expect(SecurityContext.isAuthenticated()).to.equal(true)
      expect(SecurityContext.principal()).to.have.property('scopeWildcards', true)
      expect(SecurityContext.hasRole('user')).to.equal(true)
      expect(() => SecurityContext.requireRole('manager')).not.to.throw()
      expect(() => SecurityContext.requireRole('admin')).to.throw(InsufficientPermissionsError)
    }
  })

  it('reads what did not come along as absent, the age of the token too', () => {
    const { email, name, username, jti, role, audience, actors, issuedAt, emailVerified } = runWithIdentity(
      envelope(),
      () => SecurityContext.require(),
      HOUR,
    )
    expect([email, name, username, jti, role]).to.deep.equal(['', '', '', '', ''])
    expect([audience, actors, issuedAt, emailVerified]).to.deep.equal([[], [], 0, false])
  })

  it('has frozen values only', () => {
    const principal = runWithIdentity(throughJson(envelope()), SecurityContext.principal, HOUR)
    const { claims, rawClaims, roles } = principal ?? {}
    const lists = [...Object.values(claims ?? {}), ...Object.values(rawClaims ?? {})]
    expect(lists).to.have.length.above(20)
    for (const value of [principal, claims, rawClaims, roles, ...lists]) expect(value).to.be.frozen
  })

  it('makes of every captured caller the same caller again', () => {
    fc.assert(
      fc.property(principals, (principal) => {
        const captured = SecurityContext.run(principal, () => captureIdentity())
        const restored = runWithIdentity(throughJson(captured), SecurityContext.principal, HOUR)
        expect(restored?.claims).to.deep.equal(principal.claims)
        expect(restored?.roles).to.deep.equal(principal.roles)
        expect(restored?.scopeWildcards).to.equal(principal.scopeWildcards === true)
      }),
    )
  })

  it('comes back with what the work returns, and lets through what it throws', async () => {
    expect(runWithIdentity(envelope(), () => 42, HOUR)).to.equal(42)
    const pending: Promise<string | undefined> = runWithIdentity(envelope(), async () => wait(1).then(sub), HOUR)
    expect(await pending).to.equal('ann')
    const boom = (): never => {
      throw new RangeError('boom')
    }
    expect(() => runWithIdentity(envelope(), boom, HOUR)).to.throw(RangeError, 'boom')
  })

  it('leaves nothing behind, and keeps to itself', async () => {
    const jobs = ['ann', 'bob', 'eve'].map((name) =>
      runWithIdentity(envelope({ sub: name }), () => wait(name.length % 2).then(sub), HOUR),
    )
    expect(sub()).to.equal(undefined)
    expect(await Promise.all(jobs)).to.deep.equal(['ann', 'bob', 'eve'])
    expect(() => runWithIdentity({}, sub, HOUR)).to.throw(IdentityEnvelopeError)
    expect(sub()).to.equal(undefined)
    const inside = SecurityContext.run(undefined, () => [runWithIdentity(envelope(), sub, HOUR), sub()])
    expect(inside).to.deep.equal(['ann', undefined])
  })

  it('has no agent at work, whoever is outside', () => {
    runAs({ sub: 'bob', agent: { sub: 'robot', scopes: ['*'] } }, () => {
      expect(AgentContext.isPresent()).to.equal(true)
      const captured = captureIdentity()
      expect(runWithIdentity(captured, AgentContext.isPresent, HOUR)).to.equal(false)
      expect(AgentContext.isPresent()).to.equal(true)
    })
  })

  describe('never begins', () => {
    it('with an envelope that is malformed', () => {
      for (const value of [undefined, null, '', [], {}, JSON.stringify(envelope()), { ...envelope(), admin: true }]) {
        expect(refusal(value)).to.equal('identity_malformed')
      }
    })

    it('with an envelope from the future', () => {
      expect(refusal(envelope({ issuedAt: now() + 60 }))).to.equal('identity_malformed')
      expect(refusal(envelope({ issuedAt: now() + 3 }))).to.equal('none')
    })

    it('with an envelope that has expired', () => {
      expect(refusal(envelope({ issuedAt: now() - 10, expiresAt: now() - 1 }))).to.equal('identity_expired')
      expect(refusal(envelope({ issuedAt: now() - 10, expiresAt: now() + 30 }))).to.equal('none')
    })

    it('with an envelope that is too old', () => {
      expect(refusal(envelope({ issuedAt: now() - 100 }), 60)).to.equal('identity_too_old')
      expect(refusal(envelope({ issuedAt: now() - 30 }), 60)).to.equal('none')
    })

    for (const maxAgeSeconds of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, '60' as unknown as number]) {
      it(`with a longest age of ${typeof maxAgeSeconds} ${maxAgeSeconds}`, () => {
        expect(() => runWithIdentity(envelope(), sub, { maxAgeSeconds })).to.throw(TypeError, 'maxAgeSeconds')
      })
    }
  })

  it('does not compile without work, or without a longest age, and throws when it does', () => {
    for (const run of [
      // @ts-expect-error work and a longest age
      () => runWithIdentity(envelope()),
      // @ts-expect-error work
      () => runWithIdentity(envelope(), HOUR),
      // @ts-expect-error work is a function
      () => runWithIdentity(envelope(), undefined, HOUR),
      // @ts-expect-error a longest age
      () => runWithIdentity(envelope(), sub),
      // @ts-expect-error a longest age
      () => runWithIdentity(envelope(), sub, {}),
    ]) {
      expect(run).to.throw(TypeError)
    }
  })

  it('fails with an error that is no answer to a client, and names no value', () => {
    const bad = { ...envelope(), sub: 7, secret: 'hunter2' }
    const attempt = () => runWithIdentity(bad, sub, HOUR)
    expect(attempt)
      .to.throw(IdentityEnvelopeError)
      .that.satisfies((error: Error) => {
        expect(isAuthError(error)).to.equal(false)
        expect(error).not.to.have.any.keys('status', 'expose', 'statusCode')
        return !/hunter2|ann/.test(`${error.message} ${JSON.stringify(error)}`)
      })
  })
})
