import { setImmediate as immediate } from 'node:timers/promises'
import Router from '@koa/router'
import { expect } from 'chai'
import { Container } from 'inversify'
import {
  AuthMiddleware,
  AuthModule,
  authorize,
  Controller,
  Get,
  KoaModule,
  OptionalAuthentication,
  RequiresRole,
  SecurityContext,
} from 'inversify-koa-auth'
import Koa from 'koa'
import { after, before, describe, it } from 'mocha'
import { expectProblem } from '../support/expect-problem.js'
import { kit, type RunningApp, serve } from '../support/start-app.js'

@Controller('/tasks')
class TaskController {
  @Get() list() {
    return { caller: SecurityContext.get()?.sub ?? null }
  }

  @Get('/admin')
  @RequiresRole('admin')
  admin() {
    return { caller: SecurityContext.get()?.sub ?? null }
  }

  @Get('/optional')
  @OptionalAuthentication()
  optional() {
    return { caller: SecurityContext.get()?.sub ?? null }
  }

  @Get('/service') async service() {
    await new Promise((resolve) => setTimeout(resolve, 1))
    SecurityContext.requireRole('admin')
    return { holds: SecurityContext.hasRole('admin') }
  }

  @Get('/me') me() {
    return { signedIn: SecurityContext.isAuthenticated(), sub: SecurityContext.require().sub }
  }
}

describe('with enabled: false', () => {
  const warnings: (Error & { code?: string })[] = []
  const onWarning = (warning: Error): void => void warnings.push(warning)
  let app: RunningApp

  before(async () => {
    process.on('warning', onWarning)
    const container = new Container()
    container.load(
      new KoaModule({ controllers: [TaskController] }),
      new AuthModule({ enabled: false, env: {}, configFiles: [] }),
    )
    const router = container.get<Router>(Router)
    router.get('/by-hand', authorize({ roles: ['admin'] }), (ctx) => {
      ctx.body = { caller: SecurityContext.get()?.sub ?? null }
    })
    app = await serve(container.get<Koa>(Koa), container)
  })
  after(async () => {
    process.off('warning', onWarning)
    await app.stop()
  })

  it('asks for a caller in vain, and goes on without one', async () => {
    expect(await (await app.get('/tasks/me')).json()).to.deep.equal({ signedIn: false, sub: '' })
  })

  for (const path of ['/tasks', '/tasks/admin', '/tasks/optional', '/by-hand']) {
    it(`${path} is open, to callers without a token and with any`, async () => {
      for (const authorization of [
        undefined,
        await kit.authorization({ sub: 'ann' }),
        await kit.authorization({}, { expiresIn: '-1h' }),
        'Bearer a b',
      ]) {
        const response = await app.get(path, authorization === undefined ? {} : { headers: { authorization } })
        expect(response.status).to.equal(200)
        expect(await response.json()).to.deep.equal({ caller: null })
      }
    })
  }

  it('requireRole lets everybody pass, though nobody holds the role', async () => {
    const response = await app.get('/tasks/service')
    expect(response.status).to.equal(200)
    expect(await response.json()).to.deep.equal({ holds: false })
  })

  it('an unknown route is 404, a wrong method 405', async () => {
    await expectProblem(await app.get('/nowhere'), { status: 404, detail: 'Not Found' })
    await expectProblem(await app.post('/tasks'), { status: 405, detail: 'Method Not Allowed' })
  })

  it('AuthMiddleware and authorize let everybody in as well', async () => {
    const container = new Container()
    container.load(new AuthModule({ enabled: false, env: {}, configFiles: [] }))
    const koa = new Koa()
    koa.use(container.get<Koa.Middleware>(AuthMiddleware))
    const router = new Router().get('/admin', authorize({ roles: ['admin'] }), (ctx) => {
      ctx.body = 'open'
    })
    koa.use(router.routes() as unknown as Koa.Middleware)
    const handMade = await serve(koa, container)
    try {
      expect((await handMade.get('/admin')).status).to.equal(200)
    } finally {
      await handMade.stop()
    }
  })

  it('each application says so with exactly one warning when it starts, and none for requests', async () => {
    await immediate()
    const before = ours(warnings).length
    const container = new Container()
    container.load(
      new KoaModule({ controllers: [TaskController] }),
      new AuthModule({ env: { AUTH_CLIENT_ENABLED: 'false' }, configFiles: [] }),
    )
    const other = await serve(container.get<Koa>(Koa), container)
    try {
      for (let i = 0; i < 5; i++) expect((await other.get('/tasks/admin')).status).to.equal(200)
    } finally {
      await other.stop()
    }
    await immediate()
    const said = ours(warnings).slice(before)
    expect(said).to.have.lengthOf(1)
    expect(said[0]?.message).to.include('auth_client.enabled')
  })

  it('an application that is secured says nothing', async () => {
    await immediate()
    const before = ours(warnings).length
    const container = new Container()
    container.load(new AuthModule({ ...kit.settings, env: {}, configFiles: [] }))
    await immediate()
    expect(ours(warnings)).to.have.lengthOf(before)
  })
})

function ours(warnings: readonly (Error & { code?: string })[]): readonly Error[] {
  return warnings.filter(({ code }) => code === 'INVERSIFY_KOA_AUTH_DISABLED')
}
