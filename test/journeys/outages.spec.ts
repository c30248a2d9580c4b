import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { expect } from 'chai'
import { Container } from 'inversify'
import {
  AllowAnonymous,
  AuthModule,
  type AuthModuleOptions,
  Controller,
  Get,
  JwksClient,
  KeySource,
  KoaModule,
  SecurityContext,
  warmUp,
} from 'inversify-koa-auth'
import { generateSigningKeyPair, TestIssuer } from 'inversify-koa-auth/testing'
import Koa from 'koa'
import { afterEach, beforeEach, describe, it } from 'mocha'
import { eventually } from '../keys/eventually.js'
import { expectProblem } from '../support/expect-problem.js'
import { type RunningApp, serve } from '../support/start-app.js'
import { unhandledRejections } from '../support/unhandled-rejections.js'

@Controller()
class CallerController {
  @Get('/me')
  me() {
    return { sub: SecurityContext.require().sub }
  }

  @Get('/open')
  @AllowAnonymous()
  open() {
    return {}
  }
}

const TTL_SECONDS = 300
const COOLDOWN_SECONDS = 10

const UNKNOWN_KEY = {
  status: 401,
  detail: 'Invalid token: no key of the issuer matches it',
  code: 'key_unknown',
  challenge: 'Bearer error="invalid_token"',
}
const UNAVAILABLE = { status: 503, detail: 'Signing keys are temporarily unavailable', code: 'keys_unavailable' }

describe('on a bad day of the issuer', () => {
  let issuer: TestIssuer
  const apps: RunningApp[] = []

  beforeEach(async () => {
    issuer = await TestIssuer.start()
  })
  afterEach(async () => {
    for (const app of apps.splice(0)) {
      await app.stop()
      await app.container.unbindAll()
    }
    await issuer.stop()
  })

  const start = async (
    settings: AuthModuleOptions = {},
    bind?: (container: Container) => void,
  ): Promise<RunningApp> => {
    const container = new Container()
    bind?.(container)
    container.load(
      new KoaModule({ controllers: [CallerController] }),
      new AuthModule({ ...issuer.settings, env: {}, configFiles: [], ...settings }),
    )
    const app = await serve(container.get<Koa>(Koa), container)
    apps.push(app)
    return app
  }
  /** An application whose key set can grow old without anybody waiting for it. */
  const startAgeing = async (settings: AuthModuleOptions = {}) => {
    let aheadMs = 0
    const jwksEndpoint = settings.jwksEndpoint ?? issuer.jwksUri
    const client = new JwksClient(
      {
        issuer: issuer.url,
        jwksEndpoint,
        jwksTtlSeconds: TTL_SECONDS,
        jwksCooldownSeconds: 10,
        jwksMaxStaleSeconds: 3600,
        jwksTimeoutMs: 200,
      },
      () => performance.now() + aheadMs,
    )
    const app = await start(settings, (container) => {
      container
        .bind(KeySource)
        .toDynamicValue(() => client)
        .inSingletonScope()
        .onDeactivation(() => client.close())
    })
    const outliveTtl = () => {
      aheadMs += TTL_SECONDS * 1000
    }
    return { app, outliveTtl }
  }
  const statusOf = async (app: RunningApp, token: string) => {
    const response = await app.get('/me', { token })
    await response.arrayBuffer()
    return response.status
  }
  const isUnavailable = async (app: RunningApp, token: string) => {
    const response = await app.get('/me', { token })
    expect(Number(response.headers.get('retry-after'))).to.be.within(1, 10)
    await expectProblem(response, UNAVAILABLE)
  }

  it('200 requests at a cold start cost one fetch', async () => {
    const app = await start({ tokenCacheSize: 0 })
    const tokens = await Promise.all(Array.from({ length: 10 }, () => issuer.makeToken()))
    const statuses = await Promise.all(
      Array.from({ length: 200 }, (_, i) => statusOf(app, tokens[i % tokens.length] as string)),
    )
    expect(statuses).to.deep.equal(Array(200).fill(200))
    expect(issuer.requests).to.deep.equal({ discovery: 1, jwks: 1, total: 2 })
  })

  it('2,000 forged key ids cost one fetch in every cool-down at most, and refuse nobody else', async function () {
    this.timeout(30_000)
    const app = await start()
    const good = await issuer.makeToken()
    const [, ...rest] = good.split('.')
    const forged = () => {
      const header = { alg: 'RS256', typ: 'at+jwt', kid: randomUUID() }
      return [Buffer.from(JSON.stringify(header)).toString('base64url'), ...rest].join('.')
    }
    const begun = performance.now()
    for (let batch = 0; batch < 20; batch++) {
      const requests = Array.from({ length: 100 }, () => statusOf(app, forged()))
      const [known, ...statuses] = await Promise.all([statusOf(app, good), ...requests])
      expect(known).to.equal(200)
      expect(statuses).to.deep.equal(Array(100).fill(401))
    }
    const coolDowns = Math.ceil((performance.now() - begun) / 1000 / COOLDOWN_SECONDS)
    expect(issuer.requests.jwks).to.be.at.most(1 + coolDowns)
  })

  describe('tokens of known keys keep working,', () => {
    for (const { what, goDown } of [
      { what: 'while it is gone', goDown: () => issuer.stop() },
      { what: 'while it answers 500', goDown: () => issuer.fail(500) },
      { what: 'while it answers 404', goDown: () => issuer.fail(404) },
      { what: 'while it hangs', goDown: () => issuer.hang() },
      { what: 'while it drips', goDown: () => issuer.drip({ intervalMs: 1 }) },
      { what: 'while it serves HTML', goDown: () => issuer.serve('<html></html>', { contentType: 'text/html' }) },
      { what: 'while it serves {}', goDown: () => issuer.serve({}) },
      { what: 'while it serves 2 MiB', goDown: () => issuer.serve({ keys: [], padding: 'x'.repeat(2 * 1024 * 1024) }) },
      { what: 'while it redirects to another origin', goDown: () => issuer.redirect('http://localhost:1/jwks') },
      {
        what: 'while it speaks for another issuer',
        goDown: () => issuer.serveDiscovery({ issuer: 'https://evil.test' }),
      },
    ] as const) {
      it(`${what}: past the TTL, first seen or not`, async () => {
        const { app, outliveTtl } = await startAgeing(what.includes('another issuer') ? { jwksEndpoint: '' } : {})
        const seen = await issuer.makeToken()
        expect(await statusOf(app, seen)).to.equal(200)
        await goDown()
        outliveTtl()
        for (let i = 0; i < 3; i++) {
          expect(await statusOf(app, seen)).to.equal(200)
          expect(await statusOf(app, await issuer.makeToken())).to.equal(200)
        }
        expect(app.errors).to.deep.equal([])
      })
    }

    it('and no longer than the set may be stale: then 503, and 200 again by itself', async () => {
      const app = await start({ jwksTtlSeconds: 1, jwksMaxStaleSeconds: 1, jwksCooldownSeconds: 1 })
      const token = await issuer.makeToken()
      expect(await statusOf(app, token)).to.equal(200)
      issuer.fail(503)
      await eventually(async () => (await statusOf(app, token)) === 503, 'the end of patience')
      await isUnavailable(app, token)
      await isUnavailable(app, await issuer.makeToken())
      issuer.restore()
      const before = issuer.requests.jwks
      await eventually(() => issuer.requests.jwks > before, 'the recovery, with nobody asking')
      await eventually(async () => (await statusOf(app, token)) === 200, 'the keys')
    })
  })

  it('at a cold start, protected routes answer 503 and anonymous ones 200 at once; it recovers by itself', async () => {
    issuer.hang()
    const app = await start({ jwksTimeoutMs: 300, jwksCooldownSeconds: 1 })
    const token = await issuer.makeToken()
    const pending = app.get('/me', { token })
    expect((await app.get('/open')).status).to.equal(200)
    expect(await Promise.race([pending, 'still waiting'])).to.equal('still waiting')
    await expectProblem(await pending, UNAVAILABLE)
    await isUnavailable(app, token)
    expect((await app.get('/open', { token })).status).to.equal(200)
    expect((await app.get('/me')).status).to.equal(401)
    issuer.restore()
    await eventually(() => issuer.requests.jwks > 0, 'the recovery, with nobody asking')
    await eventually(async () => (await statusOf(app, token)) === 200, 'the keys')
    expect(app.errors).to.deep.equal([])
  })

  describe('it is as good as down at a cold start,', () => {
    for (const { what, fault } of [
      { what: 'when it answers 500', fault: () => issuer.fail(500, { on: 'jwks' }) },
      { what: 'when it answers 404', fault: () => issuer.fail(404, { on: 'jwks' }) },
      { what: 'when it hangs', fault: () => issuer.hang({ on: 'jwks' }) },
      { what: 'when it drips', fault: () => issuer.drip({ on: 'jwks', intervalMs: 1 }) },
      { what: 'when its metadata drips', fault: () => issuer.drip({ on: 'discovery', intervalMs: 1 }) },
      { what: 'when it redirects to another origin', fault: () => issuer.redirect('http://localhost:1/jwks') },
      {
        what: 'when its metadata is elsewhere',
        fault: () => issuer.redirect('https://evil.test/', { on: 'discovery' }),
      },
      { what: 'when it serves HTML', fault: () => issuer.serve('<html></html>', { contentType: 'text/html' }) },
      { what: 'when it serves {}', fault: () => issuer.serve({}) },
      { what: 'when it serves null', fault: () => issuer.serve('null') },
      { what: 'when it serves keys that are no list', fault: () => issuer.serve({ keys: { ...issuer.jwks.keys } }) },
      { what: 'when it serves half a document', fault: () => issuer.serve('{"keys":[') },
      { what: 'when it serves nothing', fault: () => issuer.serve('') },
      {
        what: 'when it serves 2 MiB, though the key is among them',
        fault: () => issuer.serve({ ...issuer.jwks, padding: 'x'.repeat(2 * 1024 * 1024) }),
      },
      {
        what: 'when its metadata names another issuer',
        fault: () => issuer.serveDiscovery({ issuer: 'https://evil.test', jwks_uri: issuer.jwksUri }),
      },
      {
        what: 'when its metadata names itself with a slash more',
        fault: () => issuer.serveDiscovery({ issuer: `${issuer.url}/`, jwks_uri: issuer.jwksUri }),
      },
      {
        what: 'when its metadata leads to plain http',
        fault: () => issuer.serveDiscovery({ issuer: issuer.url, jwks_uri: 'http://keys.example.com/jwks' }),
      },
      { what: 'when its metadata leads nowhere', fault: () => issuer.serveDiscovery({ issuer: issuer.url }) },
      { what: 'when its metadata is no object', fault: () => issuer.serveDiscovery('[]') },
    ] as const) {
      it(`${what}: 503, never 401, 500 or 200`, async () => {
        const app = await start({ jwksTimeoutMs: 200 })
        fault()
        await isUnavailable(app, await issuer.makeToken())
        expect((await app.get('/open')).status).to.equal(200)
        expect(app.errors).to.deep.equal([])
      })
    }
  })

  describe('a key set that holds', () => {
    const sets: readonly { what: string; keys: () => readonly unknown[]; status: number }[] = [
      { what: 'nothing', keys: () => [], status: 401 },
      {
        what: 'junk beside the key',
        keys: () => [null, 5, 'a', [], {}, { kty: 'x' }, ...issuer.jwks.keys],
        status: 200,
      },
      {
        what: '10,000 other keys beside the key',
        keys: () => [
          ...Array.from({ length: 10_000 }, (_, i) => ({ kty: 'RSA', kid: `k${i}`, n: 'AQAB', e: 'AQAB' })),
          ...issuer.jwks.keys,
        ],
        status: 200,
      },
      { what: 'the key twice', keys: () => [...issuer.jwks.keys, ...issuer.jwks.keys], status: 200 },
      { what: 'the private key', keys: () => [issuer.keyPair.privateJwk], status: 200 },
      { what: 'the key for encryption', keys: () => [{ ...issuer.jwks.keys[0], use: 'enc' }], status: 401 },
      {
        what: 'the key for wrapping only',
        keys: () => [{ ...issuer.jwks.keys[0], key_ops: ['wrapKey'] }],
        status: 401,
      },
      { what: 'the key for another algorithm', keys: () => [{ ...issuer.jwks.keys[0], alg: 'RS512' }], status: 401 },
      { what: 'the key under another id', keys: () => [{ ...issuer.jwks.keys[0], kid: 'b' }], status: 401 },
      { what: 'a secret', keys: () => [{ kty: 'oct', kid: issuer.keyPair.kid, k: 'c2VjcmV0' }], status: 401 },
      { what: 'the key with the exponent 1', keys: () => [{ ...issuer.jwks.keys[0], e: 'AQ' }], status: 401 },
    ]
    for (const { what, keys, status } of sets) {
      it(`${what} does not hurt or help: ${status}`, async () => {
        const app = await start()
        issuer.serve({ keys: keys() })
        const response = await app.get('/me', { token: await issuer.makeToken() })
        if (status === 200) expect(response.status).to.equal(200)
        else await expectProblem(response, UNKNOWN_KEY)
        expect(app.errors).to.deep.equal([])
      })
    }

    it('a key below 2048 bits does not help', async () => {
      const { generateRsaKeyPair } = await import('inversify-koa-auth/testing')
      const weak = await TestIssuer.start({ keyPair: await generateRsaKeyPair({ bits: 1024 }) })
      try {
        const app = await start({ ...weak.settings })
        await expectProblem(await app.get('/me', { token: await weak.makeToken() }), UNKNOWN_KEY)
      } finally {
        await weak.stop()
      }
    })

    it('another key with the same id makes it ambiguous', async () => {
      const twin = await generateSigningKeyPair()
      const app = await start()
      issuer.serve({ keys: [...issuer.jwks.keys, { ...twin.publicJwk, kid: issuer.keyPair.kid }] })
      await expectProblem(await app.get('/me', { token: await issuer.makeToken() }), UNKNOWN_KEY)
    })
  })

  for (const tokenCacheSize of [0, 100]) {
    it(`a key that was removed is refused after the next refresh, with ${tokenCacheSize} tokens remembered`, async () => {
      const { app, outliveTtl } = await startAgeing({ tokenCacheSize })
      const old = await issuer.makeToken()
      for (let i = 0; i < 2; i++) expect(await statusOf(app, old)).to.equal(200)
      await issuer.rotate()
      outliveTtl()
      await expectProblem(await app.get('/me', { token: old }), UNKNOWN_KEY)
      expect(await statusOf(app, await issuer.makeToken())).to.equal(200)
      await expectProblem(await app.get('/me', { token: old }), UNKNOWN_KEY)
    })
  }

  it('a token that was seen before keeps working when the issuer is gone for good', async () => {
    const app = await start()
    const token = await issuer.makeToken({ sub: 'ann' })
    expect(await statusOf(app, token)).to.equal(200)
    await issuer.stop()
    for (let i = 0; i < 3; i++) expect(await (await app.get('/me', { token })).json()).to.deep.equal({ sub: 'ann' })
  })

  describe('warmed up', () => {
    it('an application makes no fetch at its first request', async () => {
      const app = await start()
      await warmUp(app.container)
      expect(issuer.requests).to.deep.equal({ discovery: 1, jwks: 1, total: 2 })
      expect(await statusOf(app, await issuer.makeToken())).to.equal(200)
      expect(issuer.requests.total).to.equal(2)
    })

    it('an application starts in spite of an issuer that is down, and is well when that is', async () => {
      issuer.fail(503)
      const app = await start({ jwksCooldownSeconds: 1 })
      await warmUp(app.container)
      await isUnavailable(app, await issuer.makeToken())
      issuer.restore()
      await eventually(() => issuer.requests.jwks > 0, 'the recovery, with nobody asking')
      await eventually(async () => (await statusOf(app, await issuer.makeToken())) === 200, 'the keys')
    })

    it('an application whose issuer hangs waits no longer than one fetch may take', async () => {
      issuer.hang()
      const app = await start({ jwksTimeoutMs: 100 })
      await warmUp(app.container)
      expect((await app.get('/open')).status).to.equal(200)
    })

    for (const { what, ready } of [
      { what: 'rejects', ready: () => Promise.reject(new Error('no')) },
      {
        what: 'throws',
        ready: () => {
          throw new Error('no')
        },
      },
      { what: 'is not there', ready: undefined },
    ]) {
      it(`an application starts in spite of a key source of its own whose warmUp ${what}`, async () => {
        const app = await start()
        const keys = {
          keyFor: () => Promise.reject(new Error('no')),
          ...(ready === undefined ? {} : { warmUp: ready }),
        }
        ;(await app.container.rebind(KeySource)).toConstantValue(keys)
        await warmUp(app.container)
        expect((await app.get('/open')).status).to.equal(200)
      })
    }

    it('an application with security switched off asks nobody for keys', async () => {
      const app = await start({ enabled: false })
      await warmUp(app.container)
      expect(issuer.requests.total).to.equal(0)
    })
  })

  describe('a key source of the application, resolved asynchronously, that fails later', () => {
    it('ends requests in 503 and nothing else', async () => {
      const app = await start()
      const token = await issuer.makeToken()
      const real = app.container.get(KeySource)
      let isBroken = false
      ;(await app.container.rebind(KeySource)).toDynamicValue(async () => {
        await wait(1)
        if (isBroken) throw new Error('database down')
        return real
      })
      const unhandled = await unhandledRejections(async () => {
        for (let i = 0; i < 2; i++) expect(await statusOf(app, token)).to.equal(200)
        isBroken = true
        for (let i = 0; i < 2; i++) expect(await statusOf(app, token)).to.equal(503)
      })
      expect(unhandled).to.deep.equal([])
    })
  })
})
