import Router from '@koa/router'
import { expect } from 'chai'
import { AllowAnonymous, Controller, Get, Param, SecurityContext } from 'inversify-koa-auth'
import Koa from 'koa'
import { describe, it } from 'mocha'
import { kit, loadContainer, type RunningApp, serve } from '../support/start-app.js'

@Controller('/users')
class UserController {
  @Get('/:id') read(@Param('id') id: string) {
    return `${id}, read by ${SecurityContext.require().sub}`
  }

  @Get('/:id/picture')
  @AllowAnonymous()
  picture(@Param('id') id: string) {
    return `picture of ${id}`
  }
}

const ownersOnly: Parameters<Router['param']>[1] = (id, ctx, next) => {
  if (id !== SecurityContext.get()?.sub) ctx.throw(403, 'not the owner')
  return next()
}

const TENANTS: Parameters<Router['param']>[1] = (tenant, ctx, next) => {
  if (tenant !== 'own') ctx.throw(403, 'not the tenant')
  return next()
}

describe("the container's router, mounted in another one", () => {
  for (const { when, mount } of [
    {
      when: 'before',
      mount: (outer: Router, inner: Router) => outer.param('id', ownersOnly).use(inner.routes()),
    },
    {
      when: 'after',
      mount: (outer: Router, inner: Router) => outer.use(inner.routes()).param('id', ownersOnly),
    },
  ]) {
    it(`holds what router.param was given ${when} that`, async () => {
      const container = loadContainer({ controllers: [UserController] })
      kit.install(container)
      const outer = new Router({ prefix: '/api' })
      mount(outer, container.get<Router>(Router))
      const app = new Koa()
      app.use(outer.routes())
      await withApp(await serve(app, container), async ({ get }) => {
        const token = await kit.makeToken({ sub: 'ann' })
        expect((await get('/api/users/ann', { token })).status).to.equal(200)
        expect((await get('/api/users/bob', { token })).status).to.equal(403)
        expect((await get('/api/users/bob/picture', { token })).status).to.equal(403)
        expect((await get('/api/users/ann')).status).to.equal(401)
      })
    })
  }

  it('holds what router.param was given, when it is mounted in itself', async () => {
    const container = loadContainer({ controllers: [UserController] })
    kit.install(container)
    const router = container.get<Router>(Router)
    router.use('/tenants/:tenant', router.routes())
    router.param('tenant', TENANTS)
    await withApp(await serve(container.get<Koa>(Koa), container), async ({ get }) => {
      const token = await kit.makeToken({ sub: 'ann' })
      expect((await get('/tenants/own/users/ann', { token })).status).to.equal(200)
      expect((await get('/tenants/other/users/ann', { token })).status).to.equal(403)
      expect((await get('/users/ann', { token })).status).to.equal(200)
    })
  })
})

async function withApp(app: RunningApp, test: (app: RunningApp) => Promise<void>): Promise<void> {
  try {
    await test(app)
  } finally {
    await app.stop()
  }
}
