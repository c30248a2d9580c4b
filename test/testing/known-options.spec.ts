import { expect } from 'chai'
import { after, before, describe, it } from 'mocha'
import {
  AuthTestKit,
  authorizationMatrix,
  expectDenied,
  generateRsaKeyPair,
  generateSigningKeyPair,
  makeToken,
  runAs,
  TestIssuer,
} from '../../src/testing/index.js'
import { kit, loadContainer } from '../support/start-app.js'

const TOKEN = 'known are kid, header, key, expiresIn, notBefore, roleClaim'
const KEY = 'algorithm, keyPair'

describe('an option that nobody knows', () => {
  let issuer: TestIssuer
  before(async () => {
    issuer = await TestIssuer.start()
  })
  after(() => issuer.stop())

  const refusal = () => new Response('{}', { status: 403 })

  for (const { use, says } of [
    {
      use: () => AuthTestKit.create({ roleClaims: 'roles' } as object),
      says: `AuthTestKit.create: roleClaims is not an option (did you mean roleClaim?); known are issuer, audience, roleClaim, ${KEY}`,
    },
    {
      use: () => AuthTestKit.create({ algoritm: 'ES256' } as object),
      says: `AuthTestKit.create: algoritm is not an option (did you mean algorithm?); known are issuer, audience, roleClaim, ${KEY}`,
    },
    {
      use: () => TestIssuer.start({ prot: 9000 } as object),
      says: `TestIssuer.start: prot is not an option (did you mean port?); known are port, audience, roleClaim, ${KEY}`,
    },
    {
      use: () => kit.makeToken({}, { expireIn: '-1h' } as object),
      says: `makeToken: expireIn is not an option (did you mean expiresIn?); ${TOKEN}`,
    },
    {
      use: () => kit.authorization({}, { headers: {} } as object),
      says: `makeToken: headers is not an option (did you mean header?); ${TOKEN}`,
    },
    {
      use: () => kit.makeAgentToken({}, { notbefore: 1 } as object),
      says: `makeToken: notbefore is not an option (did you mean notBefore?); ${TOKEN}`,
    },
    {
      use: () => issuer.makeToken({}, { colour: 'red' } as object),
      says: `makeToken: colour is not an option; ${TOKEN}`,
    },
    {
      use: async () => makeToken(await generateSigningKeyPair('ES256'), {}, { kidd: 'a' } as object),
      says: `makeToken: kidd is not an option (did you mean kid?); ${TOKEN}`,
    },
    {
      use: () => generateRsaKeyPair({ bit: 4096 } as object),
      says: 'generateRsaKeyPair: bit is not an option (did you mean bits?); known are bits, algorithm',
    },
    {
      use: () => issuer.fail(503, { onn: 'jwks' } as object),
      says: 'issuer.fail: onn is not an option (did you mean on?); known are on',
    },
    {
      use: () => issuer.hang({ in: 'jwks' } as object),
      says: 'issuer.hang: in is not an option; known are on',
    },
    {
      use: () => issuer.drip({ interval: 5 } as object),
      says: 'issuer.drip: interval is not an option (did you mean intervalMs?); known are on, intervalMs',
    },
    {
      use: () => issuer.redirect('/moved', { at: 'discovery' } as object),
      says: 'issuer.redirect: at is not an option; known are on',
    },
    ...(['hang', 'drip', 'redirect'] as const).map((fault) => ({
      use: () =>
        (issuer[fault] as (...args: unknown[]) => void)(...(fault === 'redirect' ? ['/moved'] : []), { on: 'jwk' }),
      says: 'jwk is not an endpoint (did you mean jwks?); known are discovery, jwks',
    })),
    {
      use: () => issuer.fail(503, { on: 'keys' } as object),
      says: 'keys is not an endpoint; known are discovery, jwks',
    },
    {
      use: () => issuer.serve('', { contenttype: 'text/plain' } as object),
      says: 'issuer.serve: contenttype is not an option (did you mean contentType?); known are contentType, status',
    },
    {
      use: () => issuer.rotate({ keepold: true } as object),
      says: 'issuer.rotate: keepold is not an option (did you mean keepOld?); known are keepOld',
    },
    {
      use: () => runAs({ sub: 'ann', role: ['admin'] } as object, () => undefined),
      says: 'runAs: role is not an option (did you mean roles?); known are sub, roles, groups, scopes, permissions, claims, agent',
    },
    {
      use: () => authorizationMatrix(loadContainer({}), { kit, override: {} } as never),
      says: 'authorizationMatrix: override is not an option (did you mean overrides?); known are kit, paths, claims, callers, overrides, outOfReach',
    },
    {
      use: () => expectDenied(refusal()).with(403, { details: 'Requires' } as object),
      says: 'expectDenied: details is not an option (did you mean detail?); known are code, detail, missing',
    },
  ]) {
    it(`is a TypeError: ${says.slice(0, says.indexOf(' is not'))}`, async () => {
      const error = await failure(use)
      expect(error).to.be.instanceOf(TypeError).with.property('message', says)
    })
  }

  it('changes nothing', async () => {
    const { kid } = issuer.keyPair
    await failure(() => issuer.rotate({ keepold: true } as object))
    await failure(() => issuer.fail(503, { onn: 'jwks' } as object))
    expect(issuer.keyPair.kid).to.equal(kid)
    expect((await fetch(issuer.jwksUri)).status).to.equal(200)
  })

  it('is told from claims, which may have any name', async () => {
    const claims = { role: 'admin', rolse: 1, scopes: [], expireIn: 1, keepold: true }
    await kit.makeToken(claims)
    expect(runAs({ claims, agent: claims }, () => 'ran')).to.equal('ran')
  })
})

async function failure(use: () => unknown): Promise<unknown> {
  try {
    await use()
  } catch (error) {
    return error
  }
  throw new Error('It was taken')
}
