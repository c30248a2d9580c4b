import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import Router from '@koa/router'
import { expect } from 'chai'
import { Container } from 'inversify'
import {
  AgentContext,
  AllowAnonymous,
  AuthConfigurationError,
  AuthMiddleware,
  AuthModule,
  Context,
  Controller,
  Get,
  KoaModule,
  OptionalAuthentication,
  Post,
  RequiresAgentScope,
  SecurityContext,
} from 'inversify-koa-auth'
import Koa from 'koa'
import { describe, it } from 'mocha'
import { agentHeader, EXPIRED_AGENT, NO_AGENT, whoIsAtWork } from '../support/agent.js'
import { expectProblem } from '../support/expect-problem.js'
import { kit, loadContainer, serve, startApp } from '../support/start-app.js'

@Controller('/jobs')
class JobController {
  static afterwards: Promise<unknown> | undefined

  @Get('/guarded')
  @RequiresAgentScope('jobs:run')
  guarded() {
    return { ...whoIsAtWork(), sub: AgentContext.require().sub }
  }

  @Get('/actors')
  actors() {
    return SecurityContext.require().actors
  }

  @Post()
  start(@Context() ctx: Koa.Context) {
    const bound = SecurityContext.bind(whoIsAtWork)
    JobController.afterwards = once(ctx.res, 'close').then(async () => {
      await wait(5)
      return { bound: bound(), unbound: whoIsAtWork() }
    })
    return whoIsAtWork()
  }
}

describe('agents', () => {
  it('go along with a job that bind carries over the end of the request, and no further', async () => {
    const app = await startApp({ controllers: [JobController] })
    try {
      const token = await kit.makeToken({ sub: 'ann' })
      const both = { caller: 'ann', agent: 'agent' }
      const response = await app.post('/jobs', { token, ...agentHeader(await kit.makeAgentToken()) })
      expect(await response.json()).to.deep.equal(both)
      expect(await JobController.afterwards).to.deep.equal({ bound: both, unbound: { caller: null, agent: null } })
    } finally {
      await app.stop()
    }
  })

  it("that the user's own token names are no agents at work, but readable: the present one first", async () => {
    const app = await startApp({ controllers: [JobController] })
    try {
      const act = { sub: 'a-2', iss: 'https://agents.test', act: { sub: 'a-1' } }
      const token = await kit.makeToken({ sub: 'ann', act, scopes: ['jobs:run'] })
      expect(await (await app.get('/jobs/actors', { token })).json()).to.deep.equal([
        { sub: 'a-2', issuer: 'https://agents.test' },
        { sub: 'a-1', issuer: '' },
      ])
      await expectProblem(await app.get('/jobs/guarded', { token }), NO_AGENT)
      const broken = await kit.makeToken({ sub: 'ann', act: { sub: 'a-2', act: 'a-1' } })
      expect(await (await app.get('/jobs/actors', { token: broken })).json()).to.deep.equal([])
    } finally {
      await app.stop()
    }
  })

  it('are neither looked at nor asked for while security is switched off', async () => {
    const app = await startApp({ controllers: [JobController], settings: { enabled: false } })
    try {
      const agent = await kit.makeAgentToken({ scopes: ['jobs:run'] })
      for (const headers of [{}, { 'x-agent-authorization': 'Bearer a b' }, agentHeader(agent).headers]) {
        const response = await app.get('/jobs/guarded', { headers })
        expect(response.status).to.equal(200)
        expect(await response.json()).to.deep.equal({ caller: null, agent: null, sub: '' })
      }
    } finally {
      await app.stop()
    }
  })

  it('are not told which scopes they lack where errors say the least', async () => {
    const app = await startApp({ controllers: [JobController], settings: { errorDetail: 'minimal' } })
    try {
      const token = await kit.makeToken({ sub: 'ann' })
      const response = await app.get('/jobs/guarded', { token, ...agentHeader(await kit.makeAgentToken()) })
      const problem = await expectProblem(response, {
        status: 403,
        detail: 'Insufficient permissions',
        code: 'agent_scope_missing',
        challenge: 'AgentBearer error="insufficient_scope"',
      })
      expect(JSON.stringify(problem)).not.to.include('jobs:run')
      await expectProblem(await app.get('/jobs/guarded', { token }), NO_AGENT)
    } finally {
      await app.stop()
    }
  })

  it('are known behind AuthMiddleware, and asked for by AgentContext on a plain route', async () => {
    const container = new Container()
    container.load(new AuthModule({ ...kit.settings, env: {}, configFiles: [] }))
    kit.install(container)
    const router = new Router().get('/plain', (ctx) => {
      AgentContext.requireScope('jobs:run')
      ctx.body = whoIsAtWork()
    })
    const koa = new Koa()
    koa.use(container.get<Koa.Middleware>(AuthMiddleware)).use(router.routes() as unknown as Koa.Middleware)
    const app = await serve(koa, container)
    try {
      const token = await kit.makeToken({ sub: 'ann' })
      const response = await app.get('/plain', {
        token,
        ...agentHeader(await kit.makeAgentToken({ scopes: ['jobs:*'] })),
      })
      expect(await response.json()).to.deep.equal({ caller: 'ann', agent: 'agent' })
      await expectProblem(await app.get('/plain', { token }), NO_AGENT)
      const expired = agentHeader(await kit.makeAgentToken({}, { expiresIn: '-1h' }))
      await expectProblem(await app.get('/plain', { token, ...expired }), EXPIRED_AGENT)
      const poor = await app.get('/plain', { token, ...agentHeader(await kit.makeAgentToken({ scopes: ['x'] })) })
      expect(poor.status).to.equal(403)
    } finally {
      await app.stop()
    }
  })

  it('are no secret to require_explicit: asking for one says something about security', () => {
    @Controller()
    class Explicit {
      @Get()
      @RequiresAgentScope('a')
      get() {}
    }
    const container = loadContainer({ controllers: [Explicit], settings: { requireExplicit: true } })
    expect(() => container.get(Koa)).not.to.throw()
  })

  it('cannot be asked for where the door is open: a start-up error names both decorators and every place', () => {
    @Controller('/both')
    class Both {
      @Get('/open')
      @AllowAnonymous()
      @RequiresAgentScope('a')
      open() {}

      @Get('/optional')
      @OptionalAuthentication()
      @RequiresAgentScope('a')
      optional() {}
    }
    expect(() => new KoaModule({ controllers: [Both] }))
      .to.throw(AuthConfigurationError)
      .with.property('problems')
      .that.deep.equals([
        { where: 'Both.open', message: '@AllowAnonymous contradicts @RequiresAgentScope; keep one of them' },
        {
          where: 'Both.optional',
          message: '@OptionalAuthentication contradicts @RequiresAgentScope; keep one of them',
        },
      ])
  })
})
