import { once } from 'node:events'
import { connect } from 'node:net'
import { expect } from 'chai'
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose'
import { afterEach, beforeEach, describe, it } from 'mocha'
import { loadSettings } from '../../src/config/load-settings.js'
import { JwksClient } from '../../src/keys/jwks-client.js'
import { type IssuerEndpoint, TestIssuer } from '../../src/testing/index.js'
import { codeOf, validatorFor } from './validator-for.js'

describe('TestIssuer', () => {
  let issuer: TestIssuer
  let urls: Record<IssuerEndpoint, string>

  beforeEach(async () => {
    issuer = await TestIssuer.start()
    urls = { discovery: `${issuer.url}/.well-known/openid-configuration`, jwks: `${issuer.url}/jwks` }
  })
  afterEach(() => issuer.stop())

  /** The library's validator that gets its keys from the issuer over HTTP. */
  function remoteValidator(options: object = {}) {
    const { settings } = issuer
    const keySource = new JwksClient(loadSettings({ options: { ...settings, ...options }, configFiles: [] }))
    return validatorFor({ settings, keySource }, options)
  }

  /** 'timeout' when nothing complete has come after a while. */
  async function bodyWithin(ms: number, url: string): Promise<string> {
    return fetch(url, { signal: AbortSignal.timeout(ms) })
      .then((response) => response.text())
      .catch((error: Error) => (error.name === 'TimeoutError' ? 'timeout' : error.message))
  }

  async function refusesConnections(): Promise<boolean> {
    return fetch(urls.jwks).then(
      () => false,
      (error: { cause?: { code?: string } }) => error.cause?.code === 'ECONNREFUSED',
    )
  }

  it('listens on a loopback port and serves its metadata there', async () => {
    expect(issuer.url).to.match(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect(issuer.issuer).to.equal(issuer.url)
    const response = await fetch(urls.discovery)
    expect(response.status).to.equal(200)
    expect(response.headers.get('content-type')).to.equal('application/json')
    expect(await response.json()).to.deep.equal({ issuer: issuer.url, jwks_uri: urls.jwks })
    expect(issuer.jwksUri).to.equal(urls.jwks)
  })

  it('publishes its public keys and nothing private', async () => {
    const response = await fetch(urls.jwks)
    expect(response.headers.get('content-type')).to.equal('application/jwk-set+json')
    const document = await response.json()
    expect(document).to.deep.equal({ keys: [issuer.keyPair.publicJwk] })
    expect(document).to.deep.equal(issuer.jwks)
  })

  it('answers 404 elsewhere, whatever the path looks like', async () => {
    const port = Number(new URL(issuer.url).port)
    const socket = connect(port, '127.0.0.1')
    socket.end('GET // HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    const [chunk] = await once(socket, 'data')
    expect(String(chunk)).to.match(/^HTTP\/1\.1 404 /)
    expect((await fetch(`${issuer.url}/other`)).status).to.equal(404)
    expect((await fetch(`${issuer.url}/jwks?x=1`)).status).to.equal(200)
  })

  it('makes tokens that jose verifies against its key set', async () => {
    const token = await issuer.makeToken({ sub: 'ann' })
    const { payload } = await jwtVerify(token, createRemoteJWKSet(new URL(urls.jwks)), {
      issuer: issuer.url,
      audience: issuer.audience,
    })
    expect(payload.sub).to.equal('ann')
  })

  it('makes tokens that the library accepts after discovery', async () => {
    const validator = remoteValidator()
    const [scheme, token = ''] = (await issuer.authorization({ sub: 'ann' }, { expiresIn: 60 })).split(' ')
    expect(scheme).to.equal('Bearer')
    const { claims } = await validator.validate(token)
    expect(claims).to.include({ sub: 'ann', issuer: issuer.url })
    expect(claims.expiresAt - claims.issuedAt).to.equal(60)
    expect(await codeOf(validator.validate(await issuer.makeToken({ aud: 'other' })))).to.equal('audience_mismatch')
    expect(issuer.requests).to.deep.equal({ discovery: 1, jwks: 1, total: 2 })
  })

  it('takes an audience, an algorithm and a claim for roles', async () => {
    const other = await TestIssuer.start({ audience: 'tasks', algorithm: 'EdDSA', roleClaim: 'roles' })
    try {
      expect(other.settings).to.deep.equal({
        issuer: other.url,
        audience: ['tasks'],
        acceptedAlgorithms: ['EdDSA'],
        roleClaims: ['roles'],
        jwksEndpoint: '',
      })
      expect(other.settings).to.be.frozen
      expect(decodeJwt(await other.makeToken({ roles: ['admin'] }))).to.deep.include({ aud: 'tasks', roles: ['admin'] })
    } finally {
      await other.stop()
    }
  })

  it('starts again on a port of its choice', async () => {
    const port = Number(new URL(issuer.url).port)
    await issuer.stop()
    const again = await TestIssuer.start({ port })
    try {
      expect(again.url).to.equal(issuer.url)
      expect(again.keyPair).to.equal(issuer.keyPair)
    } finally {
      await again.stop()
    }
  })

  it("passes on the socket's error when the port is taken", async () => {
    const port = Number(new URL(issuer.url).port)
    expect(await codeOf(TestIssuer.start({ port }))).to.equal('EADDRINUSE')
  })

  it('counts requests in snapshots', async () => {
    const before = issuer.requests
    await fetch(urls.discovery)
    await fetch(urls.jwks)
    await fetch(urls.jwks)
    await fetch(`${issuer.url}/other`)
    expect(issuer.requests).to.deep.equal({ discovery: 1, jwks: 2, total: 4 })
    expect(before).to.deep.equal({ discovery: 0, jwks: 0, total: 0 })
    expect(before).to.be.frozen
  })

  describe('rotate', () => {
    it('withdraws the old key', async () => {
      const old = { token: await issuer.makeToken(), kid: issuer.keyPair.kid }
      await issuer.rotate()
      expect(issuer.jwks.keys.map(({ kid }) => kid)).to.deep.equal([issuer.keyPair.kid])
      expect(issuer.keyPair.kid).to.not.equal(old.kid)
      const validator = remoteValidator()
      expect(await codeOf(validator.validate(old.token))).to.equal('key_unknown')
      expect(await codeOf(validator.validate(await issuer.makeToken()))).to.equal('resolved')
    })

    it('keeps the old keys published when asked to', async () => {
      const old = await issuer.makeToken()
      await issuer.rotate({ keepOld: true })
      await issuer.rotate({ keepOld: true })
      expect(issuer.jwks.keys).to.have.length(3)
      expect(issuer.jwks.keys[0]?.kid).to.equal(issuer.keyPair.kid)
      const validator = remoteValidator()
      for (const token of [old, await issuer.makeToken()]) {
        expect(await codeOf(validator.validate(token))).to.equal('resolved')
      }
    })

    it("leaves other issuers' keys alone", async () => {
      const other = await TestIssuer.start()
      try {
        expect(other.keyPair).to.equal(issuer.keyPair)
        await other.rotate()
        expect(other.keyPair).to.not.equal(issuer.keyPair)
        expect(await (await fetch(urls.jwks)).json()).to.deep.equal({ keys: [issuer.keyPair.publicJwk] })
      } finally {
        await other.stop()
      }
    })
  })

  describe('faults', () => {
    const endpoints: readonly IssuerEndpoint[] = ['discovery', 'jwks']

    it('hangs', async () => {
      issuer.hang()
      for (const endpoint of endpoints) expect(await bodyWithin(100, urls[endpoint])).to.equal('timeout')
      expect(issuer.requests.total).to.equal(2)
    })

    it('drips the document a byte at a time and never finishes', async () => {
      const healthy = await (await fetch(urls.discovery)).text()
      issuer.drip({ intervalMs: 1 })
      const response = await fetch(urls.discovery)
      expect(response.status).to.equal(200)
      let received = ''
      let chunks = 0
      for await (const chunk of response.body ?? []) {
        received += Buffer.from(chunk).toString()
        chunks++
        if (received.length > healthy.length + 5) break
      }
      expect(received.trimEnd()).to.equal(healthy)
      expect(chunks).to.be.greaterThan(5)
    })

    it('drips too slowly for anybody, unless told otherwise', async () => {
      issuer.drip()
      expect(await bodyWithin(200, urls.jwks)).to.equal('timeout')
    })

    it('fails with a status', async () => {
      issuer.fail(503)
      for (const endpoint of endpoints) expect((await fetch(urls[endpoint])).status).to.equal(503)
      expect(await codeOf(remoteValidator().validate(await issuer.makeToken()))).to.equal('keys_unavailable')
    })

    for (const status of [0, 101, 199, 600, 200.5, Number.NaN]) {
      it(`refuses ${status} as a status`, () => {
        expect(() => issuer.fail(status)).to.throw(RangeError)
      })
    }

    for (const broken of endpoints) {
      it(`breaks ${broken} alone when asked to`, async () => {
        for (const fault of [() => issuer.fail(500, { on: broken }), () => issuer.hang({ on: broken })]) {
          fault()
          const sound = broken === 'jwks' ? urls.discovery : urls.jwks
          expect((await fetch(sound)).status).to.equal(200)
        }
        expect(await bodyWithin(100, urls[broken])).to.equal('timeout')
        issuer.drip({ on: broken })
        expect((await fetch(urls[broken === 'jwks' ? 'discovery' : 'jwks'])).ok).to.equal(true)
        expect(await bodyWithin(100, urls[broken])).to.equal('timeout')
      })
    }

    it('has different faults at its endpoints', async () => {
      issuer.fail(404, { on: 'discovery' })
      issuer.fail(429, { on: 'jwks' })
      expect((await fetch(urls.discovery)).status).to.equal(404)
      expect((await fetch(urls.jwks)).status).to.equal(429)
    })

    const bodies: readonly { readonly body: unknown; readonly sent: string }[] = [
      { body: '<html>', sent: '<html>' },
      { body: '', sent: '' },
      { body: Buffer.from([0x7b, 0x7d]), sent: '{}' },
      { body: { keys: [] }, sent: '{"keys":[]}' },
      { body: [1], sent: '[1]' },
      { body: null, sent: 'null' },
    ]
    for (const { body, sent } of bodies) {
      it(`serves ${JSON.stringify(body)} in place of its keys`, async () => {
        issuer.serve(body)
        const response = await fetch(urls.jwks)
        expect(response.status).to.equal(200)
        expect(response.headers.get('content-type')).to.equal('application/jwk-set+json')
        expect(await response.text()).to.equal(sent)
        expect(await (await fetch(urls.discovery)).json()).to.have.property('issuer', issuer.url)
      })

      it(`serves ${JSON.stringify(body)} in place of its metadata`, async () => {
        issuer.serveDiscovery(body)
        expect(await (await fetch(urls.discovery)).text()).to.equal(sent)
        expect(await (await fetch(urls.jwks)).json()).to.deep.equal(issuer.jwks)
      })
    }

    it('serves with another content type and status', async () => {
      issuer.serve('sorry', { contentType: 'text/plain', status: 502 })
      const response = await fetch(urls.jwks)
      expect([response.status, response.headers.get('content-type')]).to.deep.equal([502, 'text/plain'])
    })

    it('refuses what cannot stand in a header when told to, not when asked', () => {
      expect(() => issuer.serve('', { contentType: 'a\nb' })).to.throw(TypeError)
      expect(() => issuer.serve('', { status: 99 })).to.throw(RangeError)
      expect(() => issuer.redirect('a\nb')).to.throw(TypeError)
    })

    it('serves metadata that leads elsewhere, which the library does not follow', async () => {
      issuer.serveDiscovery({ issuer: 'https://attacker.example', jwks_uri: issuer.jwksUri })
      expect(await codeOf(remoteValidator().validate(await issuer.makeToken()))).to.equal('keys_unavailable')
    })

    it('redirects requests for its keys to another origin', async () => {
      const other = await TestIssuer.start()
      try {
        issuer.redirect(other.jwksUri)
        const response = await fetch(urls.jwks, { redirect: 'manual' })
        expect([response.status, response.headers.get('location')]).to.deep.equal([307, other.jwksUri])
        expect((await fetch(urls.discovery, { redirect: 'manual' })).status).to.equal(200)
        expect(await codeOf(remoteValidator().validate(await issuer.makeToken()))).to.equal('keys_unavailable')
        expect(other.requests.total).to.equal(0)
      } finally {
        await other.stop()
      }
    })

    for (const { on, name } of [
      { on: undefined, name: 'jwks' },
      { on: 'jwks', name: 'jwks' },
      { on: 'discovery', name: 'discovery' },
    ] as const) {
      it(`serves the ${name} document where it redirects to within itself (on: ${on})`, async () => {
        const healthy = await (await fetch(urls[name])).text()
        issuer.redirect('/moved/document', { on })
        const response = await fetch(urls[name])
        expect(response.redirected).to.equal(true)
        expect(await response.text()).to.equal(healthy)
        expect(await codeOf(remoteValidator().validate(await issuer.makeToken()))).to.equal('resolved')
      })
    }

    it('redirects in circles', async () => {
      issuer.redirect(issuer.jwksUri)
      expect(await codeOf(remoteValidator().validate(await issuer.makeToken()))).to.equal('keys_unavailable')
    })

    it('redirects to what is not a URL', async () => {
      issuer.redirect('http://')
      const response = await fetch(urls.jwks, { redirect: 'manual' })
      expect(response.headers.get('location')).to.equal('http://')
    })

    it('is well again after restore', async () => {
      issuer.redirect('/moved')
      issuer.fail(500)
      issuer.restore()
      for (const endpoint of endpoints) expect((await fetch(urls[endpoint])).status).to.equal(200)
      expect((await fetch(`${issuer.url}/moved`)).status).to.equal(404)
    })

    it('publishes a rotated key only once it is well again', async () => {
      issuer.serve({ keys: [] })
      await issuer.rotate()
      expect(await (await fetch(urls.jwks)).json()).to.deep.equal({ keys: [] })
      issuer.restore()
      expect(await (await fetch(urls.jwks)).json()).to.deep.equal(issuer.jwks)
    })
  })

  describe('stop', () => {
    it('refuses connections afterwards', async () => {
      await fetch(urls.jwks)
      await issuer.stop()
      expect(await refusesConnections()).to.equal(true)
    })

    for (const [name, fault] of [
      ['hangs', () => issuer.hang()],
      ['drips', () => issuer.drip({ intervalMs: 1 })],
    ] as const) {
      it(`ends an answer that ${name}`, async () => {
        fault()
        const body = fetch(urls.jwks).then((response) => response.text())
        const outcome = body.then(
          () => 'complete',
          () => 'cut',
        )
        while (issuer.requests.total === 0) await new Promise((resolve) => setTimeout(resolve, 1))
        await issuer.stop()
        expect(await outcome).to.equal('cut')
      })
    }

    it('closes connections that are kept alive', async () => {
      const socket = connect(Number(new URL(issuer.url).port), '127.0.0.1')
      socket.write('GET /jwks HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\n\r\n')
      await once(socket, 'data')
      const closed = once(socket, 'close')
      await issuer.stop()
      await closed
    })

    it('may be called again', async () => {
      await Promise.all([issuer.stop(), issuer.stop()])
      await issuer.stop()
      expect(await refusesConnections()).to.equal(true)
    })
  })
})
