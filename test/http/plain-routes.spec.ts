import Router from '@koa/router'
import { expect } from 'chai'
import { Container } from 'inversify'
import {
  AllowAnonymous,
  AuthConfigurationError,
  AuthMiddleware,
  AuthModule,
  authorize,
  Controller,
  Get,
  type RouteRequirement,
  SecurityContext,
} from 'inversify-koa-auth'
import Koa from 'koa'
import { after, before, describe, it } from 'mocha'
import { type ExpectedProblem, expectProblem, NO_TOKEN } from '../support/expect-problem.js'
import { kit, loadContainer, type RunningApp, serve, startApp } from '../support/start-app.js'

@Controller('/users')
class UserController {
  @Get('/open')
  @AllowAnonymous()
  open() {
    return { open: true }
  }

  @Get('/:id') find() {
    return { found: true }
  }
}

const hello: Koa.Middleware = (ctx) => {
  ctx.body = { sub: SecurityContext.get()?.sub ?? null }
}

const NEEDS_ADMIN: ExpectedProblem = {
  status: 403,
  detail: 'Requires one of roles: admin',
  code: 'insufficient_permissions',
  challenge: 'Bearer error="insufficient_scope"',
}

describe("a route added by hand to the container's router", () => {
  let app: RunningApp
  let user: string
  let admin: string

  before(async () => {
    app = await startApp({
      controllers: [UserController],
      loaded: (container) => {
        const router = container.get<Router>(Router)
        router.get('/before', hello)
        router.get('/admin', authorize({ roles: ['admin'] }), hello)
        router.get('/user', authorize(), hello)
        router.get(['/one', '/two'], hello)
        router.get('named', '/named', hello)
        router.all('/all', hello)
        router.get(/^\/pattern\/\d+$/, hello)
        router.redirect('/old', '/before')
        const nested = new Router().get('/deep', hello)
        const deeper = new Router().get('/deepest', hello)
        nested.use('/still', deeper.routes())
        router.use('/nested', nested.routes(), nested.allowedMethods())
        router.use(new Router({ prefix: '/prefixed' }).get('/x', hello).routes())
      },
    })
    const router = app.container.get<Router>(Router)
    router.get('/after', hello)
    router.register('/registered', ['get', 'post'], hello)
    router.use('/late', new Router().get('/deep', hello).routes())
    user = await kit.makeToken({ sub: 'ann' })
    admin = await kit.makeToken({ sub: 'bob', roles: ['admin'] })
  })
  after(() => app.stop())

  for (const path of [
    '/before',
    '/after',
    '/one',
    '/two',
    '/named',
    '/all',
    '/pattern/7',
    '/nested/deep',
    '/nested/still/deepest',
    '/prefixed/x',
    '/late/deep',
    '/registered',
  ]) {
    it(`is not open, and knows the caller: ${path}`, async () => {
      await expectProblem(await app.get(path), NO_TOKEN)
      const response = await app.get(path, { token: user })
      expect(response.status).to.equal(200)
      expect(await response.json()).to.deep.equal({ sub: 'ann' })
    })
  }

  it('is not open either when it redirects', async () => {
    const nobody = await app.get('/old')
    expect(nobody.headers.get('location')).to.equal(null)
    await expectProblem(nobody, NO_TOKEN)
    const response = await app.get('/old', { token: user })
    expect([response.status, response.headers.get('location')]).to.deep.equal([301, '/before'])
  })

  it('asks for roles with authorize', async () => {
    await expectProblem(await app.get('/admin'), NO_TOKEN)
    await expectProblem(await app.get('/admin', { token: user }), NEEDS_ADMIN)
    expect(await (await app.get('/admin', { token: admin })).json()).to.deep.equal({ sub: 'bob' })
    expect((await app.get('/user', { token: user })).status).to.equal(200)
  })

  it('leaves the rules of controllers as they are', async () => {
    expect((await app.get('/users/open')).status).to.equal(200)
    expect((await app.get('/users/7')).status).to.equal(401)
    expect((await app.get('/users/7', { token: user })).status).to.equal(200)
  })
})

describe("middleware added to the container's router", () => {
  it('finds the caller, so that authorize can guard a whole router', async () => {
    await withRouter(
      (router) => {
        router.use('/staff', authorize({ roles: ['admin'] }))
        router.get('/staff/list', hello)
      },
      async (app) => {
        await expectProblem(await app.get('/staff/list'), NO_TOKEN)
        await expectProblem(await app.get('/staff/list', { token: await kit.makeToken() }), NEEDS_ADMIN)
        const response = await app.get('/staff/list', { token: await kit.makeToken({ sub: 'bob', roles: ['admin'] }) })
        expect(await response.json()).to.deep.equal({ sub: 'bob' })
      },
    )
  })

  it('does not run for callers without a token', async () => {
    let ran = 0
    await withRouter(
      (router) => {
        router.use((_ctx, next) => {
          ran++
          return next()
        })
        router.get('/plain', hello)
      },
      async (app) => {
        await expectProblem(await app.get('/plain'), NO_TOKEN)
        expect(ran).to.equal(0)
        expect((await app.get('/plain', { token: await kit.makeToken() })).status).to.equal(200)
        expect(ran).to.equal(1)
      },
    )
  })

  it('does not look up a path parameter for callers without a token (router.param)', async () => {
    for (const path of ['/plain/7', '/users/7', '/odd/7/x']) {
      let lookedUp = 0
      await withRouter(
        (router) => {
          router.get('/plain/:id', hello)
          router.get('/odd/:id/:":security"', hello)
          router.param('id', (id, ctx, next) => {
            lookedUp++
            if (id === '7') return next()
            ctx.status = 404
            return undefined
          })
        },
        async (app) => {
          await expectProblem(await app.get(path.replace('7', 'unknown')), NO_TOKEN)
          await expectProblem(await app.get(path), NO_TOKEN)
          expect(lookedUp).to.equal(0)
          expect((await app.get(path, { token: await kit.makeToken() })).status).to.equal(200)
          expect(lookedUp).to.equal(1)
          const unknown = await app.get(path.replace('7', 'unknown'), { token: await kit.makeToken() })
          expect(unknown.status).to.equal(404)
        },
      )
    }
  })
})

describe('a router of your own, bound before the modules are loaded', () => {
  it('keeps its routes, and they are not open', async () => {
    const own = new Router().get('/api/mine', hello)
    const app = await startApp({
      controllers: [UserController],
      bind: (container) => container.bind<Router>(Router).toConstantValue(own),
    })
    try {
      await expectProblem(await app.get('/api/mine'), NO_TOKEN)
      expect((await app.get('/api/mine', { token: await kit.makeToken() })).status).to.equal(200)
      expect((await app.get('/users/open')).status).to.equal(200)
      expect((await app.get('/users/7')).status).to.equal(401)
    } finally {
      await app.stop()
    }
  })

  for (const { options, problem } of [
    { options: { prefix: '/api' }, problem: 'has a prefix of its own' },
    { options: { exclusive: true }, problem: 'is exclusive' },
    { options: { exclusive: 'specificity' }, problem: 'is exclusive' },
  ] as const) {
    it(`may not be a router with ${JSON.stringify(options)}: RouteTable would not tell which route answers where`, () => {
      const container = loadContainer({
        controllers: [UserController],
        bind: (unloaded) => unloaded.bind<Router>(Router).toConstantValue(new Router(options)),
      })
      expect(() => container.get(Koa)).to.throw(AuthConfigurationError, `Router: ${problem}`)
    })
  }

  for (const { when, bind, loaded } of [
    {
      when: 'has been resolved before',
      bind: (container: Container) => {
        container.bind<Router>(Router).toConstantValue(new Router().get('/mine', hello))
        container.get(Router)
      },
      loaded: () => undefined,
    },
    {
      when: 'is bound afterwards',
      bind: () => undefined,
      loaded: (container: Container) =>
        container.rebind<Router>(Router).toConstantValue(new Router().get('/mine', hello)),
    },
  ]) {
    it(`does not start when it ${when}: its routes would be open`, () => {
      const container = loadContainer({ controllers: [UserController], bind })
      loaded(container)
      expect(() => container.get(Koa)).to.throw(AuthConfigurationError, 'its routes would be open')
    })
  }

  for (const { when, own, addTo } of [
    { when: 'afterwards', own: () => undefined, addTo: answerUnmatched },
    { when: 'before the modules are loaded', own: () => answerUnmatched(new Router()), addTo: () => undefined },
    { when: 'before and afterwards', own: () => new Router().on('not-found', goOn), addTo: answerUnmatched },
  ]) {
    it(`guards what it does for requests that match nothing, added ${when}`, async () => {
      await withRouter(
        addTo,
        async (app) => {
          for (const path of ['/nowhere', '/users']) {
            await expectProblem(await app.get(path), NO_TOKEN)
            const response = await app.get(path, { token: await kit.makeToken({ sub: 'ann' }) })
            expect(await response.json()).to.deep.equal({ sub: 'ann' })
            expect(response.headers.get('x-first')).to.equal('ran')
          }
          const expired = await app.get('/nowhere', { token: await kit.makeToken({}, { expiresIn: '-1h' }) })
          expect([expired.status, expired.headers.get('x-first')]).to.deep.equal([401, null])
          expect((await app.get('/users/open')).status).to.equal(200)
        },
        own(),
      )
    })
  }

  it('does not start where what it does for them can not be seen', () => {
    const hidden = Object.assign(new Router(), { _events: { register: () => undefined, emit: () => undefined } })
    const container = loadContainer({
      controllers: [UserController],
      bind: (unloaded) => unloaded.bind<Router>(Router).toConstantValue(hidden),
    })
    expect(() => container.get(Koa)).to.throw(AuthConfigurationError, 'Router: may have handlers for requests')
  })
})

describe('AuthMiddleware in a hand-made application', () => {
  let app: RunningApp
  let user: string
  let admin: string

  before(async () => {
    const container = authContainer()
    const router = new Router()
      .get('/me', hello)
      .get('/admin', authorize({ roles: ['admin'] }), hello)
      .get('/several', authorize({ roles: ['admin', 'chief'] }), hello)
      .get('/service', () => SecurityContext.requireRole('admin'))
      .get('/boom', () => {
        throw new Error('hunter2')
      })
    const koa = new Koa()
    koa.use((ctx, next) => {
      if (ctx.path !== '/health') return next()
      ctx.body = 'ok'
      return undefined
    })
    koa.use(container.get<Koa.Middleware>(AuthMiddleware))
    koa.use(router.routes() as unknown as Koa.Middleware)
    app = await serve(koa, container)
    user = await kit.makeToken({ sub: 'ann' })
    admin = await kit.makeToken({ sub: 'bob', roles: ['admin'] })
  })
  after(() => app.stop())

  it('lets valid tokens in and opens the context', async () => {
    const response = await app.get('/me', { token: user })
    expect(await response.json()).to.deep.equal({ sub: 'ann' })
  })

  it('refuses everybody else, whatever the path', async () => {
    await expectProblem(await app.get('/me'), NO_TOKEN)
    await expectProblem(await app.get('/nowhere'), NO_TOKEN)
    await expectProblem(await app.get('/me', { token: await kit.makeToken({}, { expiresIn: '-1h' }) }), {
      status: 401,
      detail: 'Token has expired',
      challenge: 'Bearer error="invalid_token"',
    })
  })

  it('leaves alone what comes before it', async () => {
    expect(await (await app.get('/health')).text()).to.equal('ok')
  })

  it('lets authorize ask for roles', async () => {
    await expectProblem(await app.get('/admin', { token: user }), NEEDS_ADMIN)
    expect((await app.get('/admin', { token: admin })).status).to.equal(200)
    expect((await app.get('/several', { token: admin })).status).to.equal(200)
    await expectProblem(await app.get('/several', { token: user }), {
      status: 403,
      detail: 'Requires one of roles: admin, chief',
      challenge: 'Bearer error="insufficient_scope"',
    })
  })

  it('answers for AuthErrors thrown further in, and for no other', async () => {
    await expectProblem(await app.get('/service', { token: user }), NEEDS_ADMIN)
    const response = await app.get('/boom', { token: user })
    expect(response.status).to.equal(500)
    expect(await response.text()).to.equal('Internal Server Error')
  })
})

describe('authorize', () => {
  it('lets nobody through where nothing has authenticated the caller', async () => {
    const router = new Router().get('/admin', authorize({ roles: ['admin'] }), hello).get('/any', authorize(), hello)
    const koa = new Koa()
    koa.use(router.routes() as unknown as Koa.Middleware)
    const app = await serve(koa, new Container())
    try {
      for (const path of ['/admin', '/any']) {
        const response = await app.get(path, { token: await kit.makeToken({ roles: ['admin'] }) })
        expect(response.status).to.equal(401)
        expect(response.headers.get('www-authenticate')).to.equal('Bearer')
        expect(await response.text()).to.equal(NO_TOKEN.detail)
      }
    } finally {
      await app.stop()
    }
  })

  it('refuses an empty list of roles at start-up', () => {
    // @ts-expect-error: an empty list does not compile
    expect(() => authorize({ roles: [] })).to.throw(TypeError)
    expect(() => authorize({ roles: [''] })).to.throw(TypeError)
    // @ts-expect-error: nor does one role that is not in a list
    expect(() => authorize({ roles: 'admin' })).to.throw(TypeError, 'authorize was given roles that are no list')
  })

  for (const requirement of [{}, { roles: undefined }, { role: ['admin'] }, { roles: ['admin'], tenants: ['acme'] }]) {
    it(`does not take ${JSON.stringify(requirement)} for "any valid token"`, () => {
      expect(() => authorize(requirement as unknown as RouteRequirement)).to.throw(TypeError, /authorize/)
    })
  }

  it('takes nothing at all for "any valid token"', () => {
    expect(authorize()).to.be.a('function')
  })
})

function authContainer(): Container {
  const container = new Container()
  container.load(new AuthModule({ ...kit.settings, env: {}, configFiles: [] }))
  kit.install(container)
  return container
}

/** Handlers for requests that match nothing: the first one goes on to the second. */
function answerUnmatched(router: Router): Router {
  return router.on('not-found', goOn).on('not-found', hello as unknown as UnmatchedHandler)
}

type UnmatchedHandler = Parameters<Router['on']>[1]

const goOn: UnmatchedHandler = (ctx, next) => {
  ctx.set('X-First', 'ran')
  return next()
}

async function withRouter(
  add: (router: Router) => void,
  use: (app: RunningApp) => Promise<void>,
  own?: Router,
): Promise<void> {
  const app = await startApp({
    controllers: [UserController],
    bind: (container) => {
      if (own !== undefined) container.bind<Router>(Router).toConstantValue(own)
    },
    loaded: (container) => add(container.get<Router>(Router)),
  })
  try {
    await use(app)
  } finally {
    await app.stop()
  }
}
