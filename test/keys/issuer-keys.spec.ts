import { setTimeout as wait } from 'node:timers/promises'
import { expect } from 'chai'
import { after, before, describe, it } from 'mocha'
import { loadSettings } from '../../src/config/load-settings.js'
import { TokenInvalidError } from '../../src/errors/token-invalid-error.js'
import { IssuerKeys, keysOfIssuer, publishedKeys } from '../../src/keys/issuer-keys.js'
import { JwksClient } from '../../src/keys/jwks-client.js'
import { TestIssuer } from '../../src/testing/index.js'
import { eventually } from './eventually.js'
import { LocalServer, status } from './local-server.js'
import { rejection } from './rejection.js'

describe('the keys of several issuers', () => {
  let issuer: TestIssuer
  before(async () => {
    issuer = await TestIssuer.start()
  })
  after(() => issuer.stop())

  const keys = () => {
    const options = { audience: 'api', issuers: [{ issuer: issuer.url }, { issuer: 'https://idp.test' }] }
    return new IssuerKeys(loadSettings({ options, configFiles: [] }).issuers)
  }

  it('are found for an issuer, the same source each time', async () => {
    const all = keys()
    const { kid } = issuer.keyPair
    const own = keysOfIssuer(all, issuer.url)
    expect(keysOfIssuer(all, issuer.url)).to.equal(own)
    expect(keysOfIssuer(all, 'https://idp.test')).not.to.equal(own)
    expect((await own.keyFor({ alg: 'RS256', kid })).algorithm).to.include({ name: 'RSASSA-PKCS1-v1_5' })
    all.close()
  })

  it('are fetched for all ahead of the first request, whoever is down, and tried again until they are closed', async () => {
    const server = await LocalServer.start(status(500))
    const issuers = [server.origin, issuer.url].map((each) => ({ issuer: each, jwksEndpoint: `${each}/jwks` }))
    const settings = loadSettings({ options: { audience: 'api', issuers }, configFiles: [] }).issuers
    const all = new IssuerKeys(settings.map((each) => ({ ...each, jwksCooldownSeconds: 0.05 })))
    try {
      await all.warmUp()
      expect(keysOfIssuer(all, issuer.url)).to.have.property('keyCount', 1)
      expect(keysOfIssuer(all, server.origin)).to.have.property('keyCount', undefined)
      await eventually(() => server.requests.length > 1, 'another attempt')
      all.close()
      const before = server.requests.length
      await wait(200)
      expect(server.requests.length).to.be.within(before, before + 1)
    } finally {
      all.close()
      await server.close()
    }
  })

  it('need no telling apart where there is one issuer', () => {
    const options = { audience: 'api', issuers: [{ issuer: 'https://a.test' }, { issuer: 'https://b.test' }] }
    const both = loadSettings({ options, configFiles: [] }).issuers
    expect(publishedKeys(both.slice(1))).to.be.instanceOf(JwksClient)
    for (const issuers of [both, []]) expect(publishedKeys(issuers)).to.be.instanceOf(IssuerKeys)
  })

  it('are not found by a key id alone', async () => {
    expect((await rejection(keys().keyFor(), TokenInvalidError)).code).to.equal('key_unknown')
  })

  for (const name of ['https://idp.test/', '__proto__', '']) {
    it(`are nobody else's: ${JSON.stringify(name)}`, () => {
      expect(() => keysOfIssuer(keys(), name)).to.throw(TypeError, 'KeySource.forIssuer')
    })
  }

  it('have to be told apart', () => {
    const one = { keyFor: () => Promise.reject(new Error('not asked')) }
    expect(() => keysOfIssuer(one, 'https://idp.test')).to.throw(TypeError, 'KeySource.forIssuer')
  })
})
