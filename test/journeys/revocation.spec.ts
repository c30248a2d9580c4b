import { expect } from 'chai'
import type { Container } from 'inversify'
import {
  AllowAnonymous,
  type AuthModuleOptions,
  Controller,
  Get,
  OptionalAuthentication,
  RevocationCheck,
  type TokenClaims,
  warmUp,
} from 'inversify-koa-auth'
import { afterEach, beforeEach, describe, it } from 'mocha'
import { eventually } from '../keys/eventually.js'
import { json, LocalServer, status } from '../keys/local-server.js'
import { expectProblem } from '../support/expect-problem.js'
import { kit, type RunningApp, startApp } from '../support/start-app.js'

@Controller()
class CallerController {
  @Get('/me')
  me() {
    return {}
  }

  @Get('/greeting')
  @OptionalAuthentication()
  greeting() {
    return {}
  }

  @Get('/open')
  @AllowAnonymous()
  open() {
    return {}
  }
}

const REVOKED = {
  status: 401,
  detail: 'Invalid token: it has been revoked',
  code: 'token_revoked',
  challenge: 'Bearer error="invalid_token"',
}
const UNAVAILABLE = {
  status: 503,
  detail: 'Revocation state is temporarily unavailable',
  code: 'revocation_unavailable',
}

describe('revocation', () => {
  let endpoint: LocalServer
  const apps: RunningApp[] = []
  beforeEach(async () => {
    endpoint = await LocalServer.start(json({ items: [{ jti: 'bad' }] }))
  })
  afterEach(async () => {
    for (const app of apps.splice(0)) {
      await app.stop()
      await app.container.unbindAll()
    }
    await endpoint.close()
  })

  const start = async (settings: AuthModuleOptions = {}, bind?: (container: Container) => void) => {
    const app = await startApp({
      controllers: [CallerController],
      settings: { revocationEndpoint: `${endpoint.origin}/revoked`, revocationTtlSeconds: 1, ...settings },
      ...(bind === undefined ? {} : { bind }),
    })
    apps.push(app)
    return app
  }
  const tokenOf = (jti: string | undefined) => kit.makeToken({ jti })

  it('ends a token in 401 at once where anybody has to be known, and is nobody else\u2019s business', async () => {
    const app = await start()
    const token = await tokenOf('bad')
    await expectProblem(await app.get('/me', { token }), REVOKED)
    await expectProblem(await app.get('/greeting', { token }), REVOKED)
    expect((await app.get('/open', { token })).status).to.equal(200)
    expect((await app.get('/greeting')).status).to.equal(200)
    for (const jti of ['good', 'BAD', 'bad ', undefined]) {
      expect((await app.get('/me', { token: await tokenOf(jti) })).status, String(jti)).to.equal(200)
    }
  })

  for (const tokenCacheSize of [0, 100]) {
    it(`ends a token that was good a moment ago, with ${tokenCacheSize} tokens remembered`, async () => {
      endpoint.answer = json([])
      const app = await start({ tokenCacheSize })
      const token = await tokenOf('bad')
      for (let i = 0; i < 3; i++) expect((await app.get('/me', { token })).status).to.equal(200)
      endpoint.answer = json(['bad'])
      await eventually(async () => (await app.get('/me', { token })).status === 401, 'the revocation')
      await expectProblem(await app.get('/me', { token }), REVOKED)
      expect((await app.get('/me', { token: await tokenOf('good') })).status).to.equal(200)
    })
  }

  it('is asked for with the bearer from the settings, once for many requests', async () => {
    const app = await start({ revocationBearer: 's3cret', revocationTtlSeconds: 3600 })
    const tokens = await Promise.all(['a', 'b', 'bad', undefined].map(tokenOf))
    const answers = await Promise.all(
      Array.from({ length: 100 }, async (_, i) => (await app.get('/me', { token: tokens[i % 4] as string })).status),
    )
    expect(new Set(answers.filter((_, i) => i % 4 !== 2))).to.deep.equal(new Set([200]))
    expect(new Set(answers.filter((_, i) => i % 4 === 2))).to.deep.equal(new Set([401]))
    expect(endpoint.requests).to.deep.equal(['/revoked'])
    expect(endpoint.authorization).to.equal('Bearer s3cret')
  })

  describe('that cannot be asked', () => {
    for (const { what, answer } of [
      { what: 'because the endpoint fails', answer: status(500) },
      { what: 'because it wants another bearer', answer: status(401) },
      { what: 'because it serves HTML', answer: json('<html>') },
      { what: 'because it serves {}', answer: json({}) },
      { what: 'because it redirects to another origin', answer: status(302, { location: 'http://localhost:1/' }) },
    ]) {
      it(`refuses tokens with a jti, and no others: ${what}`, async () => {
        endpoint.answer = answer
        const app = await start()
        const response = await app.get('/me', { token: await tokenOf('good') })
        expect(response.headers.get('retry-after')).to.equal('1')
        await expectProblem(response, UNAVAILABLE)
        await expectProblem(await app.get('/greeting', { token: await tokenOf('bad') }), UNAVAILABLE)
        expect((await app.get('/me', { token: await tokenOf(undefined) })).status).to.equal(200)
        expect((await app.get('/open', { token: await tokenOf('bad') })).status).to.equal(200)
        expect((await app.get('/me')).status).to.equal(401)
        expect(app.errors).to.deep.equal([])
      })

      it(`lets them in where it may fail open: ${what}`, async () => {
        endpoint.answer = answer
        const app = await start({ revocationFailOpen: true })
        for (const jti of ['good', 'bad', undefined]) {
          expect((await app.get('/me', { token: await tokenOf(jti) })).status).to.equal(200)
        }
      })
    }

    it('is asked again in the background, and counts as soon as it answers', async () => {
      endpoint.answer = status(500)
      const app = await start()
      const [good, bad] = [await tokenOf('good'), await tokenOf('bad')]
      await expectProblem(await app.get('/me', { token: good }), UNAVAILABLE)
      endpoint.answer = json(['bad'])
      await eventually(async () => (await app.get('/me', { token: good })).status === 200, 'the recovery')
      await expectProblem(await app.get('/me', { token: bad }), REVOKED)
    })

    it('goes by the last list meanwhile, for twice its TTL', async () => {
      const app = await start()
      const [good, bad] = [await tokenOf('good'), await tokenOf('bad')]
      expect((await app.get('/me', { token: good })).status).to.equal(200)
      endpoint.answer = status(500)
      await eventually(() => endpoint.requests.length > 1, 'the failed poll')
      expect((await app.get('/me', { token: good })).status).to.equal(200)
      await expectProblem(await app.get('/me', { token: bad }), REVOKED)
      await eventually(async () => (await app.get('/me', { token: good })).status === 503, 'the end of patience')
      await expectProblem(await app.get('/me', { token: bad }), UNAVAILABLE)
    })

    it('goes by the last list for ever where it may fail open: who was revoked stays so', async () => {
      const app = await start({ revocationFailOpen: true })
      await warmUp(app.container)
      endpoint.answer = status(500)
      await eventually(() => endpoint.requests.length > 3, 'failed polls')
      await expectProblem(await app.get('/me', { token: await tokenOf('bad') }), REVOKED)
      expect((await app.get('/me', { token: await tokenOf('good') })).status).to.equal(200)
    })
  })

  it('counts from the first request on where it may fail open, as long as the endpoint is well', async () => {
    const app = await start({ revocationFailOpen: true })
    await expectProblem(await app.get('/me', { token: await tokenOf('bad') }), REVOKED)
  })

  it('is fetched ahead of the first request by warmUp', async () => {
    const app = await start({ revocationTtlSeconds: 3600 })
    await warmUp(app.container)
    expect(endpoint.requests).to.deep.equal(['/revoked'])
    await expectProblem(await app.get('/me', { token: await tokenOf('bad') }), REVOKED)
    expect(endpoint.requests).to.have.length(1)
  })

  it('is polled no more once the container is done with it', async () => {
    const app = await start()
    await warmUp(app.container)
    await eventually(() => endpoint.requests.length > 1, 'a poll')
    await app.container.unbindAll()
    const polls = endpoint.requests.length
    await new Promise((resolve) => setTimeout(resolve, 1300))
    expect(endpoint.requests.length).to.equal(polls)
  })

  describe('by a check of the application', () => {
    const checking = (isRevoked: (claims: TokenClaims) => unknown) => ({ isRevoked }) as RevocationCheck

    it('replaces the list when it is bound before the module is loaded', async () => {
      const asked: string[] = []
      const check = checking(({ sub, jti }) => {
        asked.push(sub)
        return jti === 'worse'
      })
      const app = await start({}, (container) => container.bind(RevocationCheck).toConstantValue(check))
      const token = await kit.makeToken({ sub: 'ann', jti: 'bad' })
      for (let i = 0; i < 2; i++) expect((await app.get('/me', { token })).status).to.equal(200)
      await expectProblem(await app.get('/me', { token: await tokenOf('worse') }), REVOKED)
      expect(asked).to.deep.equal(['ann', 'ann', 'user'])
      expect(endpoint.requests).to.deep.equal([])
    })

    it('takes the place of another one at any time, at once, for tokens seen before as well', async () => {
      const app = await start({}, (container) => container.bind(RevocationCheck).toConstantValue(checking(() => false)))
      const token = await tokenOf('good')
      for (let i = 0; i < 2; i++) expect((await app.get('/me', { token })).status).to.equal(200)
      ;(await app.container.rebind(RevocationCheck)).toConstantValue(checking(async () => true))
      await expectProblem(await app.get('/me', { token }), REVOKED)
      ;(await app.container.rebind(RevocationCheck)).toConstantValue(checking(() => false))
      expect((await app.get('/me', { token })).status).to.equal(200)
    })

    it('takes the place of the list, which is polled no more', async () => {
      const app = await start()
      await warmUp(app.container)
      ;(await app.container.rebind(RevocationCheck)).toConstantValue(checking(() => false))
      expect((await app.get('/me', { token: await tokenOf('bad') })).status).to.equal(200)
      const polls = endpoint.requests.length
      await new Promise((resolve) => setTimeout(resolve, 1300))
      expect(endpoint.requests.length).to.equal(polls)
    })

    it('may be resolved asynchronously', async () => {
      const app = await start({}, (container) =>
        container
          .bind(RevocationCheck)
          .toDynamicValue(async () => checking(({ jti }) => jti === 'worse'))
          .inSingletonScope(),
      )
      expect((await app.get('/me', { token: await tokenOf('good') })).status).to.equal(200)
      await expectProblem(await app.get('/me', { token: await tokenOf('worse') }), REVOKED)
    })

    for (const { what, isRevoked } of [
      {
        what: 'throws',
        isRevoked: () => {
          throw new Error('database down')
        },
      },
      { what: 'rejects', isRevoked: () => Promise.reject(new Error('database down')) },
      { what: 'answers nothing', isRevoked: () => undefined },
      { what: 'answers later with nothing', isRevoked: async () => undefined },
    ]) {
      it(`that ${what} ends in 503, never 500 or 200, and tells the client nothing of it`, async () => {
        const app = await start({}, (container) => container.bind(RevocationCheck).toConstantValue(checking(isRevoked)))
        const token = await tokenOf(undefined)
        for (let i = 0; i < 2; i++) {
          const response = await app.get('/me', { token })
          expect(Number(response.headers.get('retry-after'))).to.be.greaterThan(0)
          expect(JSON.stringify(await expectProblem(response, UNAVAILABLE))).not.to.include('database')
        }
        expect(app.errors).to.deep.equal([])
      })
    }
  })
})
