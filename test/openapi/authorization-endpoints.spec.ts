import { expect } from 'chai'
import { TestIssuer } from 'inversify-koa-auth/testing'
import { after, afterEach, before, describe, it } from 'mocha'
import { EndpointLookup } from '../../src/openapi/authorization-endpoints.js'

const COOLDOWN_SECONDS = 10

describe('where an issuer signs people in', () => {
  let issuer: TestIssuer
  before(async () => {
    issuer = await TestIssuer.start()
  })
  after(() => issuer.stop())
  afterEach(() => issuer.restore())

  const serve = (change: object = {}) =>
    issuer.serveDiscovery({
      issuer: issuer.url,
      authorization_endpoint: `${issuer.url}/authorize`,
      token_endpoint: `${issuer.url}/token`,
      ...change,
    })
  let now = 0
  const lookUp = () => {
    const settings = { issuer: issuer.url, jwksTimeoutMs: 5000, jwksCooldownSeconds: COOLDOWN_SECONDS }
    return new EndpointLookup(settings, () => now)
  }

  it('is asked once, however many want to know, and remembered', async () => {
    serve()
    const lookup = lookUp()
    const { discovery } = issuer.requests
    const answers = await Promise.all(Array.from({ length: 5 }, () => lookup.endpoints()))
    const endpoints = {
      issuer: issuer.url,
      authorizationEndpoint: `${issuer.url}/authorize`,
      tokenEndpoint: `${issuer.url}/token`,
    }
    for (const answer of [...answers, await lookup.endpoints(), lookup.known]) {
      expect(answer).to.deep.equal(endpoints)
    }
    expect(issuer.requests.discovery - discovery).to.equal(1)
  })

  it('is not known before the issuer has answered', async () => {
    serve()
    const lookup = lookUp()
    const asked = lookup.endpoints()
    expect(lookup.known).to.equal(undefined)
    await asked
    expect(lookup.known).not.to.equal(undefined)
  })

  it('is asked once per cool-down while the issuer is down', async () => {
    issuer.fail(503)
    const lookup = lookUp()
    const { discovery } = issuer.requests
    for (let count = 0; count < 5; count++) expect(await lookup.endpoints()).to.equal(undefined)
    serve()
    now += COOLDOWN_SECONDS * 1000 - 1
    expect(await lookup.endpoints()).to.equal(undefined)
    expect(issuer.requests.discovery - discovery).to.equal(1)
    now += 1
    expect(await lookup.endpoints()).not.to.equal(undefined)
  })

  for (const [what, change] of [
    ['another issuer', { issuer: 'https://other.test' }],
    ['an address that is not secure', { token_endpoint: 'http://idp.test/token' }],
    ['a script for an address', { authorization_endpoint: 'javascript:alert(1)' }],
    ['no endpoint', { authorization_endpoint: undefined }],
  ] as const) {
    it(`is not what the metadata say that name ${what}`, async () => {
      serve(change)
      const lookup = lookUp()
      expect([await lookup.endpoints(), lookup.known]).to.deep.equal([undefined, undefined])
    })
  }
})
