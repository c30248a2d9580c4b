import cors from '@koa/cors'
import { expect } from 'chai'
import { inject, injectable } from 'inversify'
import {
  AllowAnonymous,
  Controller,
  Get,
  KoaConfigurer,
  Post,
  RequiresRole,
  type RouteDescription,
  RouteMiddleware,
  SecurityContext,
} from 'inversify-koa-auth'
import Koa from 'koa'
import { describe, it } from 'mocha'
import { expectProblem, NO_TOKEN } from '../support/expect-problem.js'
import { type AppOptions, kit, type RunningApp, startApp } from '../support/start-app.js'

@Controller('/notes')
class NoteController {
  @Get() list() {
    return { listed: true }
  }

  @Get('/open')
  @AllowAnonymous()
  open() {
    return { open: true }
  }

  @Post()
  @RequiresRole('writer')
  create() {
    return { created: true }
  }
}

describe('configurers', () => {
  it('run by ascending order, equals as they were bound, all of them before routing', async () => {
    const trail: string[] = []
    const configurer = (name: string, order?: number): KoaConfigurer => ({
      ...(order === undefined ? {} : { order }),
      configure: (app) => {
        app.use(async (_ctx, next) => {
          trail.push(name)
          await next()
          trail.push(`/${name}`)
        })
      },
    })
    const bound = [
      configurer('ten', 10),
      configurer('first of none'),
      configurer('minus', -1),
      configurer('second of none'),
      configurer('zero', 0),
      configurer('half', 0.5),
    ]
    await withApp(
      {
        bind: (container) => {
          for (const each of bound) container.bind(KoaConfigurer).toConstantValue(each)
        },
      },
      async (app) => {
        await app.get('/notes/open')
        const inwards = ['minus', 'first of none', 'second of none', 'zero', 'half', 'ten']
        expect(trail).to.deep.equal([...inwards, ...inwards.toReversed().map((name) => `/${name}`)])
      },
    )
  })

  it('may be classes with dependencies, and answer before security', async () => {
    @injectable()
    class Greeting {
      readonly text = 'hello'
    }
    @injectable()
    class GreetingConfigurer implements KoaConfigurer {
      constructor(@inject(Greeting) private readonly greeting: Greeting) {}

      configure(app: Koa): void {
        app.use((ctx, next) => {
          if (ctx.path !== '/hello') return next()
          ctx.body = { text: this.greeting.text, caller: SecurityContext.get() ?? null }
          return undefined
        })
      }
    }
    await withApp(
      {
        bind: (container) => {
          container.bind(Greeting).toSelf()
          container.bind(KoaConfigurer).to(GreetingConfigurer)
        },
      },
      async (app) => {
        const response = await app.get('/hello', { token: await kit.makeToken() })
        expect(await response.json()).to.deep.equal({ text: 'hello', caller: null })
      },
    )
  })

  it('find the caller in ctx.state.principal afterwards, also when the answer is a 403, and never a stranger', async () => {
    const log: string[] = []
    const accessLog: KoaConfigurer = {
      configure: (app) => {
        app.use(async (ctx, next) => {
          try {
            await next()
          } finally {
            const { principal } = ctx.state
            log.push(`${ctx.path} ${principal?.claims.sub ?? 'nobody'} ${SecurityContext.isAuthenticated()}`)
          }
        })
      },
    }
    await withApp({ bind: (container) => container.bind(KoaConfigurer).toConstantValue(accessLog) }, async (app) => {
      const token = await kit.makeToken({ sub: 'ann' })
      const statuses = [
        await app.get('/notes', { token }),
        await app.post('/notes', { token }),
        await app.get('/nowhere', { token }),
        await app.get('/notes/open', { token }),
        await app.get('/notes'),
        await app.get('/notes', { token: await kit.makeToken({ sub: 'eve' }, { expiresIn: '-1h' }) }),
      ].map(({ status }) => status)
      expect(statuses).to.deep.equal([200, 403, 404, 200, 401, 401])
      expect(log).to.deep.equal([
        '/notes ann false',
        '/notes ann false',
        '/nowhere ann false',
        '/notes/open nobody false',
        '/notes nobody false',
        '/notes nobody false',
      ])
    })
  })

  describe('with @koa/cors', () => {
    const allowBrowsers: KoaConfigurer = {
      order: -100,
      configure: (app) => {
        app.use(cors({ origin: 'https://app.example.com', credentials: true }))
      },
    }
    const bind: AppOptions['bind'] = (container) => container.bind(KoaConfigurer).toConstantValue(allowBrowsers)
    const origin = { origin: 'https://app.example.com' }

    it('answer a preflight without a token', async () => {
      await withApp({ bind }, async (app) => {
        for (const path of ['/notes', '/nowhere']) {
          const response = await app.request(path, {
            method: 'OPTIONS',
            headers: {
              ...origin,
              'access-control-request-method': 'POST',
              'access-control-request-headers': 'authorization',
            },
          })
          expect(response.status).to.equal(204)
          expect(response.headers.get('access-control-allow-origin')).to.equal('https://app.example.com')
          expect(response.headers.get('access-control-allow-headers')).to.equal('authorization')
        }
      })
    })

    it('leave an OPTIONS that is no preflight to security', async () => {
      await withApp({ bind }, async (app) => {
        await expectProblem(await app.request('/notes', { method: 'OPTIONS', headers: origin }), NO_TOKEN)
      })
    })

    it('keep their headers on every refusal, so that browsers show it to the page', async () => {
      await withApp({ bind }, async (app) => {
        const token = await kit.makeToken()
        for (const [method, path, status, init] of [
          ['GET', '/notes', 401, {}],
          ['GET', '/nowhere', 401, {}],
          ['POST', '/notes', 403, { token }],
          ['GET', '/nowhere', 404, { token }],
          ['DELETE', '/notes', 405, { token }],
        ] as const) {
          const response = await app.request(path, { method, headers: origin, ...init })
          expect(response.status).to.equal(status)
          expect(response.headers.get('access-control-allow-origin')).to.equal('https://app.example.com')
          expect(response.headers.get('access-control-allow-credentials')).to.equal('true')
          expect(response.headers.get('vary')).to.match(/origin/i)
        }
      })
    })
  })
})

describe('route middleware', () => {
  it('runs by ascending order between security and handler, and sees the context', async () => {
    const trail: string[] = []
    const middleware = (name: string, order: number): RouteMiddleware => ({
      order,
      forRoute: () => async (_ctx, next) => {
        trail.push(`${name} sees ${SecurityContext.get()?.sub ?? 'nobody'}`)
        await next()
        trail.push(`${name} still sees ${SecurityContext.get()?.sub ?? 'nobody'}`)
      },
    })
    const bind: AppOptions['bind'] = (container) => {
      container.bind(RouteMiddleware).toConstantValue(middleware('limit', 5))
      container.bind(RouteMiddleware).toConstantValue(middleware('audit', -5))
    }
    await withApp({ bind }, async (app) => {
      const token = await kit.makeToken({ sub: 'ann' })
      await app.get('/notes', { token })
      expect(trail.splice(0)).to.deep.equal([
        'audit sees ann',
        'limit sees ann',
        'limit still sees ann',
        'audit still sees ann',
      ])
      await app.get('/notes/open', { token })
      expect(trail.splice(0)).to.include('audit sees nobody').and.to.have.lengthOf(4)
      await app.get('/notes')
      await app.post('/notes', { token })
      await app.get('/nowhere', { token })
      expect(trail).to.deep.equal([])
    })
  })

  it('is made once per route at start-up, and left out where it has nothing to do', async () => {
    const asked: string[] = []
    let ran = 0
    const onlyWriters: RouteMiddleware = {
      forRoute: ({ method, path, handler, requirement }: RouteDescription) => {
        asked.push(`${method} ${path} ${handler} ${requirement.access}`)
        if (method !== 'POST') return undefined
        return (_ctx, next) => {
          ran++
          return next()
        }
      },
    }
    await withApp(
      { bind: (container) => container.bind(RouteMiddleware).toConstantValue(onlyWriters) },
      async (app) => {
        const token = await kit.makeToken({ roles: ['writer'] })
        await app.get('/notes', { token })
        expect(ran).to.equal(0)
        await app.post('/notes', { token })
        await app.post('/notes', { token })
        expect(ran).to.equal(2)
        expect(asked.sort()).to.deep.equal([
          'GET /notes list authenticated',
          'GET /notes/open open anonymous',
          'POST /notes create authenticated',
        ])
      },
    )
  })

  it('may refuse a caller', async () => {
    const refusing: RouteMiddleware = {
      forRoute: () => (_ctx, next) => {
        SecurityContext.requireRole('auditor')
        return next()
      },
    }
    await withApp({ bind: (container) => container.bind(RouteMiddleware).toConstantValue(refusing) }, async (app) => {
      const response = await app.get('/notes', { token: await kit.makeToken({ sub: 'ann' }) })
      await expectProblem(response, {
        status: 403,
        detail: 'Requires one of roles: auditor',
        challenge: 'Bearer error="insufficient_scope"',
      })
    })
  })
})

describe('middleware after the router', () => {
  it('has its turn for whatever no route answers, with a valid token only', async () => {
    await withApp(
      {
        loaded: (container) =>
          container.get<Koa>(Koa).use((ctx, next) => {
            if (ctx.path !== '/later') return next()
            ctx.body = { sub: SecurityContext.require().sub }
            return undefined
          }),
      },
      async (app) => {
        await expectProblem(await app.get('/later'), NO_TOKEN)
        const response = await app.get('/later', { token: await kit.makeToken({ sub: 'ann' }) })
        expect(await response.json()).to.deep.equal({ sub: 'ann' })
        expect((await app.get('/elsewhere', { token: await kit.makeToken() })).status).to.equal(404)
      },
    )
  })

  it('sees no request that a route has answered', async () => {
    let seen = 0
    await withApp(
      {
        loaded: (container) =>
          container.get<Koa>(Koa).use((_ctx, next) => {
            seen++
            return next()
          }),
      },
      async (app) => {
        await app.get('/notes/open')
        await app.get('/notes', { token: await kit.makeToken() })
        expect(seen).to.equal(0)
      },
    )
  })
})

describe('an application of your own', () => {
  it('is the one that is assembled, when it is bound before', async () => {
    const own = new Koa({ proxy: true })
    await withApp({ bind: (container) => container.bind<Koa>(Koa).toConstantValue(own) }, async (app) => {
      expect(app.container.get(Koa)).to.equal(own)
      expect((await app.get('/notes/open')).status).to.equal(200)
      expect((await app.get('/notes')).status).to.equal(401)
    })
  })
})

async function withApp(options: AppOptions, use: (app: RunningApp) => Promise<void>): Promise<void> {
  const app = await startApp({ controllers: [NoteController], ...options })
  try {
    await use(app)
  } finally {
    await app.stop()
  }
}
