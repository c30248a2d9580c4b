import { once } from 'node:events'
import { Readable } from 'node:stream'
import { expect } from 'chai'
import {
  AllowAnonymous,
  AuthConfigurationError,
  AuthError,
  Context,
  Controller,
  Get,
  InsufficientPermissionsError,
  KeySource,
  KeysUnavailableError,
  KoaConfigurer,
  MissingTokenError,
  Param,
  ProblemError,
  RoleResolver,
  SecurityContext,
} from 'inversify-koa-auth'
import type Koa from 'koa'
import { after, before, describe, it } from 'mocha'
import { expectProblem, NO_TOKEN } from '../support/expect-problem.js'
import { kit, type RunningApp, startApp } from '../support/start-app.js'

const SECRET = 'hunter2'

/** A promise, and how to keep it. */
function promised() {
  let resolve = () => {}
  const promise = new Promise<void>((keep) => {
    resolve = keep
  })
  return { promise, resolve }
}

const arrived = promised()
const refused = promised()

/** An application's own mistakes. */
class UnwritableError extends ProblemError {
  status = 409
  code = 'unwritable'
}

class QuotaError extends ProblemError {
  readonly status = 429
  readonly code = 'quota_exceeded'
  override headers = { 'Retry-After': '60' }
  override readonly extensions = { quota: 10, status: 200, detail: 'overwritten' }
}

class TeapotError extends AuthError {
  readonly status = 418
  readonly code = 'teapot'
}

@Controller('/fails')
@AllowAnonymous()
class FailingController {
  @Get('/error') error() {
    throw new Error(`cannot reach postgres://app:${SECRET}@db`)
  }

  @Get('/later') async later() {
    await new Promise((resolve) => setTimeout(resolve, 1))
    throw new Error(SECRET)
  }

  @Get('/text') text() {
    throw SECRET
  }

  @Get('/nothing') nothing() {
    throw undefined
  }

  @Get('/koa/:status') koa(@Context() ctx: Koa.Context, @Param('status') status: string) {
    ctx.throw(Number(status), status === '500' ? SECRET : 'said by the application')
  }

  @Get('/lookalike') lookalike() {
    throw Object.assign(new Error(SECRET), { status: 401, code: 'token_missing', headers: {} })
  }

  @Get('/unspeakable') unspeakable() {
    throw new UnwritableError('no JSON', { extensions: { count: 5n } })
  }

  @Get('/statusless') statusless() {
    throw Object.assign(new UnwritableError('no status'), { status: 42 })
  }

  @Get('/configuration') configuration() {
    throw new AuthConfigurationError([{ where: 'somewhere', message: SECRET }])
  }

  @Get('/quota') quota() {
    throw new QuotaError('Ten a day is what you get')
  }

  @Get('/teapot') teapot() {
    throw new TeapotError('Short and stout', { cause: new Error(SECRET) })
  }

  @Get('/missing') missing() {
    throw new MissingTokenError()
  }

  @Get('/forbidden') forbidden() {
    throw new InsufficientPermissionsError('Requires the owner', {}, { cause: new Error(SECRET) })
  }

  @Get('/keys') keys() {
    throw new KeysUnavailableError(7.2)
  }

  @Get('/dressed') dressed(@Context() ctx: Koa.Context) {
    ctx.set({
      'Content-Encoding': 'gzip',
      'Content-Language': 'de',
      'Content-Disposition': 'attachment; filename=report.pdf',
      'Content-Range': 'bytes 0-9/100',
      ETag: '"abc"',
      'Last-Modified': 'Thu, 01 Jan 2026 00:00:00 GMT',
      Expires: 'Thu, 01 Jan 2099 00:00:00 GMT',
      'Cache-Control': 'public, max-age=31536000',
      Vary: 'Origin',
      'X-Request-Id': '42',
    })
    ctx.type = 'application/pdf'
    ctx.status = 206
    ctx.body = Buffer.from(SECRET.repeat(100))
    SecurityContext.requireRole('admin')
  }

  @Get('/streaming') streaming(@Context() ctx: Koa.Context) {
    const body = Readable.from([SECRET])
    ctx.body = body
    ctx.set('X-Destroyed', String(body.destroyed))
    SecurityContext.requireRole('admin')
  }

  @Get('/by-hand') byHand(@Context() ctx: Koa.Context) {
    ctx.respond = false
    SecurityContext.requireRole('admin')
    ctx.res.end('by hand')
  }

  @Get('/begun') begun(@Context() ctx: Koa.Context) {
    ctx.status = 200
    ctx.res.write('begun')
    SecurityContext.requireRole('admin')
  }

  @Get('/abandoned') async abandoned(@Context() ctx: Koa.Context) {
    arrived.resolve()
    await once(ctx.res, 'close')
    setImmediate(refused.resolve)
    throw new MissingTokenError()
  }

  @Get('/lazily') lazily() {
    return Readable.from(
      (async function* () {
        yield 'first'
        SecurityContext.requireRole('admin')
        yield SECRET
      })(),
    )
  }
}

describe('problem responses', () => {
  let app: RunningApp

  before(async () => {
    app = await startApp({ controllers: [FailingController] })
  })
  after(() => app.stop())

  it('are nobody’s when the client has gone: no answer, and no failure of the application', async () => {
    const abort = new AbortController()
    const request = app.request('/fails/abandoned', { signal: abort.signal }).catch((error: Error) => error.name)
    await arrived.promise
    abort.abort()
    expect(await request).to.equal('AbortError')
    await refused.promise
    expect(app.errors).to.deep.equal([])
  })

  it('are made of every AuthError a handler throws', async () => {
    await expectProblem(await app.get('/fails/missing'), NO_TOKEN)
    await expectProblem(await app.get('/fails/forbidden'), {
      status: 403,
      detail: 'Requires the owner',
      code: 'insufficient_permissions',
      challenge: 'Bearer error="insufficient_scope"',
    })
    const response = await app.get('/fails/keys')
    expect(response.headers.get('retry-after')).to.equal('8')
    await expectProblem(response, {
      status: 503,
      detail: 'Signing keys are temporarily unavailable',
      code: 'keys_unavailable',
    })
  })

  it("are made of the application's own problems", async () => {
    await expectProblem(await app.get('/fails/teapot'), { status: 418, detail: 'Short and stout', code: 'teapot' })
    const quota = await app.get('/fails/quota')
    expect(quota.headers.get('retry-after')).to.equal('60')
    expect(quota.status).to.equal(429)
    expect(await quota.json()).to.include({ quota: 10, code: 'quota_exceeded' })
  })

  it('keep their standard members, whatever an error adds', async () => {
    await expectProblem(await app.get('/fails/quota'), { status: 429, detail: 'Ten a day is what you get' })
  })

  it('carry nothing of the body a handler had begun to prepare', async () => {
    const response = await app.get('/fails/dressed')
    for (const name of [
      'content-encoding',
      'content-language',
      'content-disposition',
      'content-range',
      'etag',
      'last-modified',
      'expires',
    ]) {
      expect(response.headers.get(name), name).to.equal(null)
    }
    expect(response.headers.get('vary')).to.equal('Origin')
    expect(response.headers.get('x-request-id')).to.equal('42')
    await expectProblem(response, NO_TOKEN)
  })

  it('take the place of a stream', async () => {
    await expectProblem(await app.get('/fails/streaming'), NO_TOKEN)
  })

  it('are sent also when a handler had announced to answer by hand', async () => {
    await expectProblem(await app.get('/fails/by-hand', { signal: AbortSignal.timeout(3000) }), NO_TOKEN)
  })

  it('are not squeezed into a response that is under way', async () => {
    const failures = app.errors.length
    const response = await app.get('/fails/begun')
    const { value } = (await response.body?.getReader().read()) ?? {}
    expect(response.status).to.equal(200)
    expect(Buffer.from(value ?? []).toString()).to.equal('begun')
    expect(app.errors.slice(failures)).to.have.lengthOf(1)
    expect(app.errors.at(-1)).to.be.instanceOf(MissingTokenError)
  })

  it('leave a stream that fails half way to Koa: it is cut off', async () => {
    const failures = app.errors.length
    const text = await app
      .get('/fails/lazily')
      .then((response) => response.text())
      .catch(() => 'cut off')
    expect(text).to.not.include(SECRET)
    const reports = app.errors.slice(failures)
    expect(reports).to.not.be.empty
    for (const report of reports) expect(report).to.be.instanceOf(MissingTokenError)
  })

  describe("leave other errors to Koa's own handling:", () => {
    for (const { path, status, text, reported } of [
      { path: '/fails/error', status: 500, text: 'Internal Server Error', reported: SECRET },
      { path: '/fails/later', status: 500, text: 'Internal Server Error', reported: SECRET },
      { path: '/fails/text', status: 500, text: 'Internal Server Error', reported: SECRET },
      { path: '/fails/koa/409', status: 409, text: 'said by the application', reported: 'said by the application' },
      { path: '/fails/koa/500', status: 500, text: 'Internal Server Error', reported: SECRET },
      { path: '/fails/configuration', status: 500, text: 'Internal Server Error', reported: SECRET },
      { path: '/fails/unspeakable', status: 500, text: 'Internal Server Error', reported: 'could not be written' },
      { path: '/fails/statusless', status: 500, text: 'Internal Server Error', reported: 'could not be written' },
      { path: '/fails/lookalike', status: 401, text: 'Unauthorized', reported: SECRET },
    ]) {
      it(`${path} is ${status}, reported by the application's error event`, async () => {
        const failures = app.errors.length
        const response = await app.get(path)
        expect(response.status).to.equal(status)
        expect(response.headers.get('content-type')).to.match(/^text\/plain/)
        expect(await response.text()).to.equal(text)
        const reports = app.errors.slice(failures) as Error[]
        expect(reports).to.have.lengthOf(1)
        expect(reports[0]?.message).to.include(reported)
      })
    }
  })

  it("don't count as failures of the application", async () => {
    const failures = app.errors.length
    await app.get('/fails/missing')
    await app.get('/fails/dressed')
    await app.get('/nowhere')
    expect(app.errors.length).to.equal(failures)
  })

  it('survive outer middleware that adds headers to errors, as is the custom with Koa', async () => {
    const decorated = await startApp({
      controllers: [FailingController],
      bind: (container) =>
        container.bind(KoaConfigurer).toConstantValue({
          configure: (koa: Koa) => {
            koa.use(async (_ctx, next) => {
              try {
                await next()
              } catch (error) {
                const failure = error as { headers?: Record<string, string> }
                failure.headers = { ...failure.headers, 'X-Request-Id': '42' }
                throw error
              }
            })
          },
        }),
    })
    try {
      const response = await decorated.get('/fails/missing')
      await expectProblem(response, NO_TOKEN)
      expect(response.headers.get('x-request-id')).to.equal('42')
    } finally {
      await decorated.stop()
    }
  })

  describe('when something the decision needs is broken', () => {
    const cases: readonly {
      readonly name: string
      readonly roleResolver?: RoleResolver
      readonly keySource?: KeySource
    }[] = [
      {
        name: 'a RoleResolver that throws',
        roleResolver: { resolve: () => Promise.reject(new Error(SECRET)) },
      },
      {
        name: 'a RoleResolver that throws at once',
        roleResolver: {
          resolve: () => {
            throw new Error(SECRET)
          },
        },
      },
      {
        name: 'a RoleResolver that returns no array',
        roleResolver: { resolve: () => SECRET as unknown as string[] },
      },
      {
        name: 'a KeySource that throws',
        keySource: { keyFor: () => Promise.reject(new Error(SECRET)) },
      },
    ]
    for (const { name, roleResolver, keySource } of cases) {
      it(`nobody gets through: ${name} is 503`, async () => {
        const broken = await startApp({
          controllers: [FailingController],
          settings: roleResolver === undefined ? {} : { roleResolver },
          loaded: (container) => {
            if (keySource !== undefined) container.rebind(KeySource).toConstantValue(keySource)
          },
        })
        try {
          const response = await broken.get('/nowhere', { token: await kit.makeToken({ roles: ['admin'] }) })
          expect(response.status).to.equal(503)
          expect(await response.text()).to.not.include(SECRET)
          expect(response.headers.get('retry-after')).to.match(/^\d+$/)
          expect(broken.errors).to.deep.equal([])
        } finally {
          await broken.stop()
        }
      })
    }
  })
})
