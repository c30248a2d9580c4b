import { setTimeout as wait } from 'node:timers/promises'
import { expect } from 'chai'
import { inject, injectable } from 'inversify'
import {
  AgentContext,
  AuthConfigurationError,
  anyOf,
  authorize,
  Controller,
  type DecisionFailedEvent,
  type DeniedEvent,
  Get,
  not,
  onAuthEvent,
  type Policy,
  Post,
  type Principal,
  policy,
  Requires,
  RequiresPolicy,
  RequiresRole,
  role,
  SecurityContext,
} from 'inversify-koa-auth'
import Koa from 'koa'
import { describe, it } from 'mocha'
import { type ExpectedProblem, expectProblem, NO_TOKEN } from '../support/expect-problem.js'
import { type AppOptions, kit, loadContainer, type RunningApp, startApp } from '../support/start-app.js'
import { unhandledRejections } from '../support/unhandled-rejections.js'

@injectable()
class Tenants {
  readonly open = new Set(['acme'])
}

@injectable()
class OfOpenTenant implements Policy {
  constructor(@inject(Tenants) private readonly tenants: Tenants) {}

  permits({ claims }: Principal, ctx: Koa.Context): boolean {
    const { tenant } = ctx['params'] as { readonly tenant: string }
    return claims.orgId === tenant && this.tenants.open.has(tenant)
  }
}

/** Answers as the test says. */
class Oracle implements Policy {
  static answer: () => unknown = () => true
  static asked = 0

  permits(): boolean | Promise<boolean> {
    Oracle.asked++
    return Oracle.answer() as boolean | Promise<boolean>
  }
}

class SeesContext implements Policy {
  permits(principal: Principal, ctx: Koa.Context): boolean {
    SecurityContext.requireRole('known')
    return (
      SecurityContext.principal() === principal && ctx.state['principal'] === principal && !AgentContext.isPresent()
    )
  }
}

let handled = 0

@Controller('/tenants/:tenant')
@RequiresPolicy(OfOpenTenant)
class TenantController {
  @Get('/invoices') invoices() {
    handled++
    return 'invoices'
  }

  @Post('/invoices')
  @RequiresRole('clerk')
  create() {
    handled++
    return 'created'
  }
}

@Controller('/oracle')
class OracleController {
  @Get()
  @RequiresPolicy(Oracle)
  plain() {
    handled++
    return SecurityContext.require().sub
  }

  @Get('/not')
  @Requires(not(policy(Oracle)))
  not() {
    handled++
    return 'not'
  }

  @Get('/or-admin')
  @Requires(anyOf(role('admin'), policy(Oracle)))
  orAdmin() {
    handled++
    return 'or admin'
  }

  @Get('/and-role')
  @RequiresPolicy(Oracle)
  @RequiresRole('clerk')
  andRole() {
    handled++
    return 'and role'
  }

  @Get('/context')
  @RequiresPolicy(SeesContext)
  context() {
    handled++
    return 'context'
  }
}

const UNAVAILABLE: ExpectedProblem = {
  status: 503,
  detail: 'Authorization is temporarily unavailable',
  code: 'decision_unavailable',
}
const DENIED: ExpectedProblem = {
  status: 403,
  detail: 'Requires one of policies: Oracle',
  code: 'insufficient_permissions',
  challenge: 'Bearer error="insufficient_scope"',
}

async function withApp(test: (app: RunningApp) => Promise<void>, options: Partial<AppOptions> = {}): Promise<void> {
  const app = await startApp({
    controllers: [TenantController, OracleController],
    settings: { decisionTimeoutMs: 50 },
    bind: (container) => {
      container.bind(Tenants).toSelf().inSingletonScope()
      container.bind(OfOpenTenant).toSelf()
      container.bind(Oracle).toSelf()
      container.bind(SeesContext).toSelf()
    },
    ...options,
  })
  handled = 0
  Oracle.asked = 0
  try {
    await test(app)
    expect(app.errors).to.deep.equal([])
  } finally {
    Oracle.answer = () => true
    await app.stop()
  }
}

const token = (claims: object = {}) => kit.makeToken({ sub: 'ann', ...claims })

describe('a policy', () => {
  it('decides with the principal, the request and its own dependencies', () =>
    withApp(async (app) => {
      const acme = await token({ org_id: 'acme' })
      expect((await app.get('/tenants/acme/invoices', { token: acme })).status).to.equal(200)
      expect((await app.get('/tenants/other/invoices', { token: acme })).status).to.equal(403)
      expect((await app.get('/tenants/other/invoices', { token: await token({ org_id: 'other' }) })).status).to.equal(
        403,
      )
      app.container.get(Tenants).open.clear()
      expect((await app.get('/tenants/acme/invoices', { token: acme })).status).to.equal(403)
      expect(handled).to.equal(1)
    }))

  it('is named beside everything else that is missing', () =>
    withApp(async (app) => {
      const response = await app.post('/tenants/acme/invoices', { token: await token() })
      const detail = 'Requires one of policies: OfOpenTenant; and one of roles: clerk'
      const problem = await expectProblem(response, { ...DENIED, detail })
      expect(problem['missing']).to.deep.equal({ policies: ['OfOpenTenant'], roles: ['clerk'] })
    }))

  it('is not asked without a valid token', () =>
    withApp(async (app) => {
      await expectProblem(await app.get('/oracle'), NO_TOKEN)
      expect((await app.get('/oracle', { token: await token({ aud: 'elsewhere' }) })).status).to.equal(401)
      expect(Oracle.asked).to.equal(0)
    }))

  it('is not asked where something before it is enough', () =>
    withApp(async (app) => {
      expect((await app.get('/oracle/or-admin', { token: await token({ roles: ['admin'] }) })).status).to.equal(200)
      expect(Oracle.asked).to.equal(0)
      expect((await app.get('/oracle/or-admin', { token: await token() })).status).to.equal(200)
      expect(Oracle.asked).to.equal(1)
    }))

  it('may ask the context who is calling', () =>
    withApp(async (app) => {
      expect((await app.get('/oracle/context', { token: await token({ roles: ['known'] }) })).status).to.equal(200)
    }))

  it('may itself refuse, and is then as good as one that says no', () =>
    withApp(async (app) => {
      const response = await app.get('/oracle/context', { token: await token() })
      await expectProblem(response, { ...DENIED, detail: 'Requires one of policies: SeesContext' })
    }))

  for (const { what, answer, status, reason } of [
    { what: 'says yes', answer: () => true, status: 200 },
    { what: 'says yes later', answer: () => wait(1, true), status: 200 },
    { what: 'says no', answer: () => false, status: 403 },
    { what: 'says no later', answer: () => wait(1, false), status: 403 },
    { what: 'throws', answer: () => raise(), status: 403, reason: 'threw' },
    { what: 'throws undefined', answer: () => raise(undefined), status: 403, reason: 'threw' },
    { what: 'rejects', answer: () => Promise.reject(new Error('no')), status: 403, reason: 'threw' },
    { what: 'answers with a text', answer: () => 'yes', status: 403, reason: 'wrong_type' },
    { what: 'answers with 1', answer: () => 1, status: 403, reason: 'wrong_type' },
    { what: 'answers with nothing', answer: () => undefined, status: 403, reason: 'wrong_type' },
    { what: 'answers with an object', answer: () => new Boolean(true), status: 403, reason: 'wrong_type' },
    { what: 'answers with a text later', answer: () => wait(1, 'yes'), status: 403, reason: 'wrong_type' },
    { what: 'answers through a foreign promise', answer: () => thenable(true), status: 200 },
    { what: 'answers through a broken promise', answer: () => brokenThenable(), status: 403, reason: 'threw' },
    { what: 'never answers', answer: () => new Promise(() => undefined), status: 503, reason: 'timed_out' },
    { what: 'answers too late', answer: () => wait(200, true), status: 503, reason: 'timed_out' },
  ]) {
    it(`that ${what} makes ${status}`, () =>
      withApp(async (app) => {
        const failures: DecisionFailedEvent[] = []
        const stop = onAuthEvent('decision:failed', (event) => failures.push(event))
        Oracle.answer = answer
        try {
          const response = await app.get('/oracle', { token: await token() })
          if (status === 200) expect(await response.text()).to.equal('ann')
          else await expectProblem(response, status === 403 ? DENIED : UNAVAILABLE)
        } finally {
          stop()
        }
        expect(handled).to.equal(status === 200 ? 1 : 0)
        expect(failures.map(({ source, name, reason, route }) => ({ source, name, reason, route }))).to.deep.equal(
          reason === undefined ? [] : [{ source: 'policy', name: 'Oracle', reason, route: 'GET /oracle' }],
        )
      }))
  }

  for (const { what, answer, status } of [
    { what: 'says no', answer: () => false, status: 200 },
    { what: 'says yes', answer: () => true, status: 403 },
    { what: 'throws', answer: () => raise(), status: 403 },
    { what: 'answers with null', answer: () => null, status: 403 },
    { what: 'never answers', answer: () => new Promise(() => undefined), status: 503 },
  ]) {
    it(`that ${what} makes ${status} where it must not permit`, () =>
      withApp(async (app) => {
        Oracle.answer = answer
        expect((await app.get('/oracle/not', { token: await token() })).status).to.equal(status)
        expect(handled).to.equal(status === 200 ? 1 : 0)
      }))
  }

  it('that never answers makes no 503 of what is refused anyway', () =>
    withApp(async (app) => {
      Oracle.answer = () => new Promise(() => undefined)
      const response = await app.get('/oracle/and-role', { token: await token() })
      const problem = await expectProblem(response, {
        ...DENIED,
        detail: 'Requires one of policies: Oracle; and one of roles: clerk',
      })
      expect(problem['missing']).to.deep.equal({ roles: ['clerk'], policies: ['Oracle'] })
    }))

  it('is in the audit trail when it denies', () =>
    withApp(async (app) => {
      const denied: DeniedEvent[] = []
      const stop = onAuthEvent('denied', (event) => denied.push(event))
      Oracle.answer = () => wait(1, false)
      await app.get('/oracle', { token: await token({ roles: ['clerk'] }) })
      stop()
      expect(denied).to.deep.equal([
        { subject: 'ann', roles: ['clerk'], missing: { policies: ['Oracle'] }, route: 'GET /oracle' },
      ])
    }))

  it('that fails late leaves nothing unhandled', async () => {
    const seen = await unhandledRejections(() =>
      withApp(async (app) => {
        Oracle.answer = () => wait(80).then(() => raise())
        await expectProblem(await app.get('/oracle', { token: await token() }), UNAVAILABLE)
        await wait(60)
      }),
    )
    expect(seen).to.deep.equal([])
  })

  it('is resolved anew where it is transient, and late where it is asynchronous', () =>
    withApp(
      async (app) => {
        expect((await app.get('/oracle', { token: await token() })).status).to.equal(200)
      },
      {
        controllers: [OracleController],
        bind: (container) => {
          container.bind(SeesContext).toSelf()
          container.bind(Oracle).toDynamicValue(async () => wait(5, new Oracle()))
        },
      },
    ))

  it('that is not bound is an error at start-up that names every place', () => {
    const container = loadContainer({ controllers: [OracleController, TenantController] })
    kit.install(container)
    const thrown = expect(() => container.get<Koa>(Koa)).to.throw(AuthConfigurationError)
    for (const where of ['OracleController.plain', 'OracleController.context', 'TenantController.create']) {
      thrown.with.property('message').that.contains(where)
    }
    thrown.with.property('message').that.contains('needs policy Oracle')
  })

  for (const { what, bound } of [
    { what: 'has no method permits', bound: {} },
    { what: 'has something else for it', bound: { permits: true } },
    { what: 'is nothing at all', bound: undefined },
  ]) {
    it(`that ${what} is an error at start-up that names every place`, () => {
      const container = loadContainer({ controllers: [OracleController] })
      container.bind(SeesContext).toSelf()
      container.bind(Oracle).toConstantValue(bound as unknown as Oracle)
      const message = 'needs policy Oracle, but what is bound to it has no method permits'
      expect(() => container.get<Koa>(Koa))
        .to.throw(AuthConfigurationError)
        .with.property('problems')
        .that.deep.equals(
          ['plain', 'not', 'orAdmin', 'andRole'].map((handler) => ({ where: `OracleController.${handler}`, message })),
        )
    })
  }

  it('may be async in a field, on a route', () =>
    withApp(
      async (app) => {
        expect((await app.get('/oracle', { token: await token() })).status).to.equal(200)
        expect((await app.get('/oracle', { token: await token({ sub: 'bob' }) })).status).to.equal(403)
      },
      {
        controllers: [OracleController],
        bind: (container) => {
          container.bind(SeesContext).toSelf()
          container.bind(Oracle).toConstantValue({
            permits: async ({ claims }: Principal) => wait(1, claims.sub === 'ann'),
          } as unknown as Oracle)
        },
      },
    ))

  it('is no condition of a plain route', () => {
    expect(() => authorize(policy(Oracle))).to.throw(TypeError, 'authorize can not ask policies')
    expect(() => authorize(not(anyOf(role('a'), policy(Oracle))))).to.throw(TypeError, 'authorize can not ask policies')
  })

  it('is asked for nothing while security is switched off', () =>
    withApp(
      async (app) => {
        Oracle.answer = () => raise()
        expect((await app.get('/oracle/not')).status).to.equal(200)
        expect(Oracle.asked).to.equal(0)
      },
      { settings: { enabled: false } },
    ))
})

function raise(...what: readonly unknown[]): never {
  throw what.length === 0 ? new Error('out of order') : what[0]
}

function thenable(value: unknown): unknown {
  const then = (resolve: (value: unknown) => void) => resolve(value)
  return Object.defineProperty({}, 'then', { value: then })
}

function brokenThenable(): unknown {
  return Object.defineProperty({}, 'then', { get: () => raise() })
}
