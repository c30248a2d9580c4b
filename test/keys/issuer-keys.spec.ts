import { expect } from 'chai'
import { after, before, describe, it } from 'mocha'
import { loadSettings } from '../../src/config/load-settings.js'
import { TokenInvalidError } from '../../src/errors/token-invalid-error.js'
import { IssuerKeys, keysOfIssuer } from '../../src/keys/issuer-keys.js'
import { TestIssuer } from '../../src/testing/index.js'
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
