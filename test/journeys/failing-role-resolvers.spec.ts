import { setTimeout as wait } from 'node:timers/promises'
import { expect } from 'chai'
import { injectable } from 'inversify'
import {
  AllowAnonymous,
  Controller,
  type DecisionFailedEvent,
  Get,
  InsufficientPermissionsError,
  not,
  OptionalAuthentication,
  onAuthEvent,
  Requires,
  RequiresRole,
  RoleResolver,
  role,
} from 'inversify-koa-auth'
import { describe, it } from 'mocha'
import { type ExpectedProblem, expectProblem } from '../support/expect-problem.js'
import { type AppOptions, kit, type RunningApp, startApp } from '../support/start-app.js'
import { unhandledRejections } from '../support/unhandled-rejections.js'

const UNAVAILABLE: ExpectedProblem = {
  status: 503,
  detail: 'Authorization is temporarily unavailable',
  code: 'decision_unavailable',
}

let handled = 0

@Controller('/books')
class BookController {
  @Get()
  @RequiresRole('auditor')
  audit() {
    handled++
    return 'audited'
  }

  @Get('/any')
  any() {
    handled++
    return 'any'
  }

  @Get('/unless-suspended')
  @Requires(not(role('suspended')))
  unlessSuspended() {
    handled++
    return 'not suspended'
  }

  @Get('/optional')
  @OptionalAuthentication()
  optional() {
    return 'optional'
  }

  @Get('/open')
  @AllowAnonymous()
  open() {
    return 'open'
  }
}

const boom = new RangeError('database down: password=hunter2')

describe('a RoleResolver that', () => {
  for (const { what, resolve, reason } of [
    {
      what: 'throws',
      resolve: () => {
        throw boom
      },
      reason: 'threw',
    },
    { what: 'rejects', resolve: () => Promise.reject(boom), reason: 'threw' },
    {
      what: 'throws an error of ours, which is still no answer',
      resolve: () => {
        throw new InsufficientPermissionsError('no')
      },
      reason: 'threw',
    },
    { what: 'hangs', resolve: () => new Promise(() => undefined), reason: 'timed_out' },
    { what: 'answers too late', resolve: () => wait(150, ['auditor']), reason: 'timed_out' },
    { what: 'answers with one role', resolve: () => 'auditor', reason: 'wrong_type' },
    { what: 'answers with nothing', resolve: () => undefined, reason: 'wrong_type' },
    { what: 'answers with roles that are objects', resolve: () => [{ name: 'suspended' }], reason: 'wrong_type' },
    { what: 'answers with a role and no role', resolve: async () => ['auditor', ''], reason: 'wrong_type' },
    { what: 'answers with a set, later', resolve: async () => new Set(['auditor']), reason: 'wrong_type' },
  ]) {
    it(`${what} lets nobody through: 503, reported, and no failure of the application`, async () => {
      const roleResolver = { resolve } as unknown as RoleResolver
      await withApp({ settings: { roleResolver, decisionTimeoutMs: 60 } }, async (app, events) => {
        const token = await kit.makeToken({ roles: ['auditor'] })
        for (const path of ['/books', '/books/any', '/books/unless-suspended', '/books/optional']) {
          const response = await app.get(path, { token })
          expect(response.headers.get('retry-after')).to.equal('5')
          const problem = await expectProblem(response, UNAVAILABLE)
          expect(JSON.stringify(problem)).not.to.include('hunter2')
          expect(events.splice(0).map(({ error: _, ...event }) => event)).to.deep.equal([
            { source: 'role-resolver', name: 'RoleResolver', reason, route: `GET ${path}` },
          ])
        }
        expect(handled).to.equal(0)
        expect(app.errors).to.deep.equal([])
      })
    })
  }

  it('fails is not asked where nobody has to be known, or nobody is', async () => {
    const roleResolver: RoleResolver = { resolve: () => Promise.reject(boom) }
    await withApp({ settings: { roleResolver } }, async (app, events) => {
      expect((await app.get('/books/open', { token: await kit.makeToken() })).status).to.equal(200)
      expect((await app.get('/books/optional')).status).to.equal(200)
      expect((await app.get('/books')).status).to.equal(401)
      expect((await app.get('/books', { token: 'a.b.c' })).status).to.equal(401)
      expect((await app.get('/books', { token: await kit.makeToken({}, { expiresIn: '-1h' }) })).status).to.equal(401)
      expect(events).to.deep.equal([])
    })
  })

  it('fails for paths that no route matches, too', async () => {
    const roleResolver: RoleResolver = { resolve: () => Promise.reject(boom) }
    await withApp({ settings: { roleResolver } }, async (app, events) => {
      await expectProblem(await app.get('/nothing', { token: await kit.makeToken() }), UNAVAILABLE)
      expect(events.map(({ route }) => route)).to.deep.equal([undefined])
    })
  })

  it('is well again serves again, also with a token seen before', async () => {
    let isBroken = true
    const roleResolver: RoleResolver = { resolve: async () => (isBroken ? Promise.reject(boom) : ['auditor']) }
    await withApp({ settings: { roleResolver } }, async (app) => {
      const token = await kit.makeToken()
      expect((await app.get('/books', { token })).status).to.equal(503)
      isBroken = false
      expect((await app.get('/books', { token })).status).to.equal(200)
      isBroken = true
      expect((await app.get('/books', { token })).status).to.equal(503)
    })
  })

  it('is a class is called by its name', async () => {
    @injectable()
    class DatabaseRoles implements RoleResolver {
      resolve(): readonly string[] {
        throw boom
      }
    }
    const bind: AppOptions['bind'] = (container) => container.bind(RoleResolver).to(DatabaseRoles)
    await withApp({ bind }, async (app, events) => {
      await expectProblem(await app.get('/books', { token: await kit.makeToken() }), UNAVAILABLE)
      expect(events.map(({ name, error }) => ({ name, error }))).to.deep.equal([{ name: 'DatabaseRoles', error: boom }])
    })
  })

  for (const { what, broken, reason } of [
    {
      what: 'at once',
      broken: () => {
        throw boom
      },
      reason: 'threw',
    },
    { what: 'with nothing', broken: () => undefined, reason: 'threw' },
  ]) {
    it(`can be had no more (${what}) ends requests in 503, and nothing else`, async () => {
      let isBroken = false
      const bind: AppOptions['bind'] = (container) => {
        container
          .bind(RoleResolver)
          .toDynamicValue(() => (isBroken ? (broken() as unknown as RoleResolver) : { resolve: () => ['auditor'] }))
      }
      await withApp({ bind }, async (app, events) => {
        expect((await app.get('/books', { token: await kit.makeToken() })).status).to.equal(200)
        isBroken = true
        const unhandled = await unhandledRejections(async () => {
          await expectProblem(await app.get('/books', { token: await kit.makeToken() }), UNAVAILABLE)
          expect((await app.get('/books', { token: await kit.makeToken({}, { kid: 'forged' }) })).status).to.equal(401)
        })
        expect(unhandled).to.deep.equal([])
        expect(events.map((event) => event.reason)).to.deep.equal([reason])
        isBroken = false
        expect((await app.get('/books', { token: await kit.makeToken() })).status).to.equal(200)
      })
    })
  }

  for (const { what, broken, reason } of [
    { what: 'is made asynchronously and fails', broken: () => Promise.reject(boom), reason: 'threw' },
    { what: 'is made asynchronously and never comes', broken: () => new Promise(() => undefined), reason: 'timed_out' },
  ]) {
    it(`${what} ends requests in 503`, async () => {
      const bind: AppOptions['bind'] = (container) => {
        container
          .bind(RoleResolver)
          .toDynamicValue(broken as () => Promise<RoleResolver>)
          .inSingletonScope()
      }
      await withApp({ bind, settings: { decisionTimeoutMs: 60 } }, async (app, events) => {
        const unhandled = await unhandledRejections(async () => {
          await expectProblem(await app.get('/books', { token: await kit.makeToken() }), UNAVAILABLE)
        })
        expect(unhandled).to.deep.equal([])
        expect(events.map((event) => event.reason)).to.deep.equal([reason])
      })
    })
  }
})

async function withApp(
  options: AppOptions,
  use: (app: RunningApp, events: DecisionFailedEvent[]) => Promise<void>,
): Promise<void> {
  handled = 0
  const events: DecisionFailedEvent[] = []
  const stop = onAuthEvent('decision:failed', (event) => events.push(event))
  const app = await startApp({ controllers: [BookController], ...options })
  try {
    await use(app, events)
  } finally {
    stop()
    await app.stop()
  }
}
