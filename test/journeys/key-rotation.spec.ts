import { expect } from 'chai'
import { Container } from 'inversify'
import { AuthModule, Controller, Get, KoaModule, SecurityContext } from 'inversify-koa-auth'
import { generateSigningKeyPair, TestIssuer } from 'inversify-koa-auth/testing'
import Koa from 'koa'
import { afterEach, beforeEach, describe, it } from 'mocha'
import { expectProblem } from '../support/expect-problem.js'
import { type RunningApp, serve } from '../support/start-app.js'

@Controller('/me')
class MeController {
  @Get() get() {
    return { sub: SecurityContext.require().sub }
  }
}

describe('with the keys of a real issuer', () => {
  let issuer: TestIssuer
  let app: RunningApp

  beforeEach(async () => {
    issuer = await TestIssuer.start({ keyPair: await generateSigningKeyPair() })
    const container = new Container()
    container.load(
      new KoaModule({ controllers: [MeController] }),
      new AuthModule({ ...issuer.settings, env: {}, configFiles: [] }),
    )
    app = await serve(container.get<Koa>(Koa), container)
  })
  afterEach(async () => {
    await app.stop()
    await issuer.stop()
  })

  it('a token is accepted, and one fetch serves many requests', async () => {
    const token = await issuer.makeToken({ sub: 'ann' })
    const responses = await Promise.all(Array.from({ length: 50 }, () => app.get('/me', { token })))
    for (const response of responses) expect(response.status).to.equal(200)
    expect((await app.get('/me', { token })).status).to.equal(200)
    expect(issuer.requests).to.deep.equal({ discovery: 1, jwks: 1, total: 2 })
  })

  it('nothing is fetched before somebody sends a token, nor for one that cannot be good', async () => {
    await app.get('/me')
    await app.get('/me', { token: 'opaque' })
    await app.get('/me', { token: await issuer.makeToken({}, { header: { alg: 'none' } }) })
    expect(issuer.requests.total).to.equal(0)
  })

  it('the next token after a rotation is accepted at its first request, and the old key refused', async () => {
    const old = await issuer.makeToken({ sub: 'ann' })
    expect((await app.get('/me', { token: old })).status).to.equal(200)
    await issuer.rotate()
    const response = await app.get('/me', { token: await issuer.makeToken({ sub: 'bob' }) })
    expect(response.status).to.equal(200)
    expect(await response.json()).to.deep.equal({ sub: 'bob' })
    await expectProblem(await app.get('/me', { token: old }), {
      status: 401,
      detail: 'Invalid token: no key of the issuer matches it',
      code: 'key_unknown',
      challenge: 'Bearer error="invalid_token"',
    })
  })

  it('a rotation under load refuses nobody and costs one fetch', async () => {
    expect((await app.get('/me', { token: await issuer.makeToken() })).status).to.equal(200)
    await issuer.rotate()
    const token = await issuer.makeToken()
    const responses = await Promise.all(Array.from({ length: 50 }, () => app.get('/me', { token })))
    for (const response of responses) expect(response.status).to.equal(200)
    expect(issuer.requests.jwks).to.equal(2)
  })

  it('both keys are good while the issuer publishes both', async () => {
    const old = await issuer.makeToken()
    expect((await app.get('/me', { token: old })).status).to.equal(200)
    await issuer.rotate({ keepOld: true })
    for (const token of [await issuer.makeToken(), old]) expect((await app.get('/me', { token })).status).to.equal(200)
  })

  it('forged key ids do not make it fetch again and again', async () => {
    expect((await app.get('/me', { token: await issuer.makeToken() })).status).to.equal(200)
    for (let i = 0; i < 20; i++) {
      const response = await app.get('/me', { token: await issuer.makeToken({}, { kid: `forged-${i}` }) })
      expect(response.status).to.equal(401)
    }
    expect(issuer.requests.jwks).to.equal(2)
  })

  it('503 with Retry-After while the issuer is down, and none of its words', async () => {
    issuer.fail(500)
    const response = await app.get('/me', { token: await issuer.makeToken() })
    expect(Number(response.headers.get('retry-after'))).to.be.within(1, 10)
    const problem = await expectProblem(response, {
      status: 503,
      detail: 'Signing keys are temporarily unavailable',
      code: 'keys_unavailable',
    })
    expect(JSON.stringify(problem)).to.not.include('127.0.0.1')
    expect((await app.get('/me')).status).to.equal(401)
    expect(app.errors).to.deep.equal([])
  })

  it('tokens of known keys are accepted while the issuer is down', async () => {
    const token = await issuer.makeToken()
    expect((await app.get('/me', { token })).status).to.equal(200)
    await issuer.stop()
    expect((await app.get('/me', { token })).status).to.equal(200)
  })
})

describe('two containers in one process', () => {
  @Controller('/me')
  class SameController {
    @Get() get() {
      return SecurityContext.require()
    }
  }

  it('share neither settings nor keys nor rules', async () => {
    const issuers = [
      await TestIssuer.start({ keyPair: await generateSigningKeyPair(), audience: 'one' }),
      await TestIssuer.start({ keyPair: await generateSigningKeyPair(), audience: 'two', roleClaim: 'roles' }),
    ] as const
    const [one, two] = issuers
    const start = (issuer: TestIssuer, controllers: readonly (typeof SameController | typeof OtherController)[]) => {
      const container = new Container()
      container.load(new KoaModule({ controllers }), new AuthModule({ ...issuer.settings, env: {}, configFiles: [] }))
      return serve(container.get<Koa>(Koa), container)
    }
    @Controller('/other')
    class OtherController {
      @Get() get() {
        return SecurityContext.getRoles()
      }
    }
    const apps = [await start(one, [SameController]), await start(two, [SameController, OtherController])] as const
    try {
      const tokens = [
        await one.makeToken({ sub: 'ann', roles: ['admin'] }),
        await two.makeToken({ sub: 'bob', roles: ['chief'] }),
      ] as const
      for (const [a, app] of apps.entries()) {
        for (const [t, token] of tokens.entries()) {
          expect((await app.get('/me', { token })).status, `app ${a}, token ${t}`).to.equal(a === t ? 200 : 401)
        }
      }
      expect((await apps[0].get('/other', { token: tokens[0] })).status).to.equal(404)
      expect(await (await apps[1].get('/other', { token: tokens[1] })).json()).to.deep.equal(['chief'])
      // A key of the one is no key of the other, also when everything else in the token is right.
      const forged = await two.makeToken({ sub: 'eve' }, { key: one.keyPair, kid: one.keyPair.kid })
      expect((await apps[1].get('/me', { token: forged })).status).to.equal(401)
    } finally {
      await Promise.all([...apps, ...issuers].map((each) => each.stop()))
    }
  })
})
