import Router from '@koa/router'
import { expect } from 'chai'
import { Controller, Get, Param, SecurityContext } from 'inversify-koa-auth'
import Koa from 'koa'
import { describe, it } from 'mocha'
import { kit, loadContainer, type RunningApp, serve } from '../support/start-app.js'

type Layer = Router['stack'][number]
type Handler = Layer['stack'][number]
type Wrap = (handler: Handler) => Handler

@Controller('/users')
class UserController {
  @Get('/:id') read(@Param('id') id: string) {
    return `${id}, read by ${SecurityContext.require().sub}`
  }
}

const ownersOnly: Parameters<Router['param']>[1] = (id, ctx, next) => {
  if (id !== SecurityContext.get()?.sub) ctx.throw(403, 'not the owner')
  return next()
}

/** As tools do that look on: in place of each handler one that calls it, with its properties. */
const withProperties: Wrap = (handler) => {
  const call = handler as unknown as (ctx: Koa.Context, next: Koa.Next) => unknown
  return Object.assign((ctx: Koa.Context, next: Koa.Next) => call(ctx, next), handler) as unknown as Handler
}
const asProxy: Wrap = (handler) => new Proxy(handler, {})

function wrapAll(router: Router, wrap: Wrap): void {
  for (const { stack } of router.stack) stack.splice(0, stack.length, ...stack.map(wrap))
}

describe('what router.param is given holds', () => {
  for (const { when, path = '/users', change } of [
    {
      when: 'after each handler was wrapped, its properties included',
      change: (router: Router) => {
        wrapAll(router, withProperties)
        return router.param('id', ownersOnly)
      },
    },
    {
      when: 'after each handler became a proxy',
      change: (router: Router) => {
        wrapAll(router, asProxy)
        return router.param('id', ownersOnly)
      },
    },
    {
      when: 'after each handler was wrapped and the router mounted in another one that has it',
      change: (router: Router) => {
        wrapAll(router, withProperties)
        return new Router().param('id', ownersOnly).use(router.routes())
      },
    },
    {
      when: 'by a router that has copies of the handlers',
      change: (router: Router) => {
        const other = new Router().param('id', ownersOnly)
        for (const { path, methods, stack } of router.stack) other.register(path, methods, stack)
        return other
      },
    },
    {
      when: 'by the same router, which has copies of the handlers under another path',
      path: '/alias',
      change: (router: Router) => {
        for (const { stack } of [...router.stack]) router.register('/alias/:id', ['GET'], [...stack])
        return router.param('id', ownersOnly)
      },
    },
    {
      when: 'past its own method',
      change: (router: Router) => {
        const { param } = Object.getPrototypeOf(router.stack[0]) as Layer
        for (const layer of router.stack) param.call(layer, 'id', ownersOnly as never)
        return router
      },
    },
  ]) {
    it(when, async () => {
      await withRouter(change, async ({ get }) => {
        const token = await kit.makeToken({ sub: 'ann' })
        expect((await get(`${path}/ann`, { token })).status).to.equal(200)
        expect((await get(`${path}/bob`, { token })).status).to.equal(403)
        expect((await get(`${path}/ann`)).status).to.equal(401)
      })
    })
  }
})

describe('middleware that is put in front of a handler, past the methods of the router,', () => {
  it('runs for callers with a valid token only', async () => {
    const callers: unknown[] = []
    const note = ((_ctx: Koa.Context, next: Koa.Next) => {
      callers.push(SecurityContext.get()?.sub)
      return next()
    }) as unknown as Handler
    const change = (router: Router) => {
      for (const { stack } of router.stack) stack.splice(-1, 0, note)
      return router
    }
    await withRouter(change, async ({ get }) => {
      expect((await get('/users/ann')).status).to.equal(401)
      expect(callers).to.deep.equal([])
      expect((await get('/users/ann', { token: await kit.makeToken({ sub: 'ann' }) })).status).to.equal(200)
      expect(callers).to.deep.equal(['ann'])
    })
  })
})

/** Serves the container's router after it has been changed, or the one that took its place. */
async function withRouter(change: (router: Router) => Router, test: (app: RunningApp) => Promise<void>): Promise<void> {
  const container = loadContainer({ controllers: [UserController] })
  kit.install(container)
  const app = new Koa()
  app.use(change(container.get<Router>(Router)).routes())
  const running = await serve(app, container)
  try {
    await test(running)
  } finally {
    await running.stop()
  }
}
