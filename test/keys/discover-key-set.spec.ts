import { expect } from 'chai'
import { afterEach, beforeEach, describe, it } from 'mocha'
import { discoverKeySet } from '../../src/keys/discover-key-set.js'
import { FetchError } from '../../src/keys/fetch-json.js'
import { byPath, json, LocalServer, status } from './local-server.js'
import { rejection } from './rejection.js'

const OPENID = '/.well-known/openid-configuration'
const OAUTH = '/.well-known/oauth-authorization-server'
const KEYS = 'https://keys.example.com/jwks?v=1'

describe('discovering the key set', () => {
  let server: LocalServer
  beforeEach(async () => {
    server = await LocalServer.start(status(404))
  })
  afterEach(() => server.close())

  const discover = (path = '') => discoverKeySet(`${server.origin}${path}`, { timeoutMs: 2000 })
  const failing = (path?: string) => rejection(discover(path), FetchError)
  const metadata = (path = '') => json({ issuer: `${server.origin}${path}`, jwks_uri: KEYS })

  it('asks OpenID Connect Discovery first', async () => {
    server.answer = byPath({ [OPENID]: metadata(), [OAUTH]: json({}) })
    expect(await discover()).to.equal(KEYS)
    expect(server.requests).to.deep.equal([OPENID])
  })

  it('asks OAuth Authorization Server Metadata next', async () => {
    server.answer = byPath({ [OAUTH]: metadata() })
    expect(await discover()).to.equal(KEYS)
    expect(server.requests).to.deep.equal([OPENID, OAUTH])
  })

  it('takes the usual place where neither is offered', async () => {
    expect(await discover()).to.equal(`${server.origin}/api/v1/auth/jwks`)
    expect(server.requests).to.deep.equal([OPENID, OAUTH])
  })

  for (const { path, places, last } of [
    { path: '/', places: [OPENID, OAUTH], last: '/api/v1/auth/jwks' },
    { path: '/realms/a', places: [`/realms/a${OPENID}`, `${OAUTH}/realms/a`], last: '/realms/a/api/v1/auth/jwks' },
    { path: '/realms/a/', places: [`/realms/a${OPENID}`, `${OAUTH}/realms/a`], last: '/realms/a/api/v1/auth/jwks' },
  ]) {
    it(`looks in the places of an issuer that ends with ${path}`, async () => {
      expect(await discover(path)).to.equal(`${server.origin}${last}`)
      expect(server.requests).to.deep.equal(places)
    })

    it(`finds the metadata of an issuer that ends with ${path}`, async () => {
      for (const place of places) {
        server.answer = byPath({ [place]: metadata(path) })
        expect(await discover(path)).to.equal(KEYS)
      }
    })
  }

  for (const code of [400, 401, 403, 404, 405, 410]) {
    it(`goes on to the next place at ${code}`, async () => {
      server.answer = byPath({ [OPENID]: status(code), [OAUTH]: metadata() })
      expect(await discover()).to.equal(KEYS)
    })
  }

  for (const { what, answer } of [
    ...[302, 408, 429, 500, 502, 503, 504].map((code) => ({ what: String(code), answer: status(code) })),
    { what: 'something that is no JSON', answer: byPath({ [OPENID]: (_request, response) => response.end('<html>') }) },
  ]) {
    it(`goes nowhere else at ${what}`, async () => {
      server.answer = answer
      await failing()
      expect(server.requests).to.deep.equal([OPENID])
    })
  }

  it('goes nowhere else when nobody answers', async () => {
    const { origin } = server
    await server.close()
    await rejection(discoverKeySet(origin, { timeoutMs: 1000 }), FetchError)
  })

  const foreign: readonly { what: string; issuer: (origin: string) => unknown }[] = [
    { what: 'of somebody else', issuer: () => 'https://evil.test' },
    { what: 'of nobody', issuer: () => undefined },
    { what: 'of an issuer with one slash more', issuer: (origin) => `${origin}/` },
    { what: 'of an issuer in other letters', issuer: (origin) => origin.toUpperCase() },
    { what: 'of several issuers', issuer: (origin) => [origin] },
  ]
  for (const { what, issuer } of foreign) {
    it(`refuses metadata ${what}`, async () => {
      server.answer = byPath({ [OPENID]: json({ issuer: issuer(server.origin), jwks_uri: KEYS }) })
      expect((await failing()).message).to.contain('speaks for another issuer')
      expect(server.requests).to.deep.equal([OPENID])
    })
  }

  for (const document of [null, 5, 'text', [], {}]) {
    it(`refuses metadata that is ${JSON.stringify(document)}`, async () => {
      server.answer = byPath({ [OPENID]: json(document) })
      expect((await failing()).message).to.contain('speaks for another issuer')
    })
  }

  for (const location of [
    'http://keys.example.com/jwks',
    '/jwks',
    'file:///etc/passwd',
    'https://user:word@keys.example.com',
    'https://keys.example.com/#a',
    '',
    null,
    undefined,
    5,
    [KEYS],
  ]) {
    it(`refuses metadata with the jwks_uri ${JSON.stringify(location)}`, async () => {
      server.answer = byPath({ [OPENID]: json({ issuer: server.origin, jwks_uri: location }) })
      expect((await failing()).message).to.contain('names no https jwks_uri')
    })
  }

  it('accepts plain http from a loopback host', async () => {
    server.answer = byPath({ [OPENID]: json({ issuer: server.origin, jwks_uri: `${server.origin}/jwks` }) })
    expect(await discover()).to.equal(`${server.origin}/jwks`)
  })
})
