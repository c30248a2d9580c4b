import { setTimeout as wait } from 'node:timers/promises'
import { expect } from 'chai'
import {
  AgentContext,
  AllowAnonymous,
  Controller,
  Get,
  OptionalAuthentication,
  Post,
  RequiresAgentScope,
  RequiresRole,
  RouteTable,
} from 'inversify-koa-auth'
import { after, before, describe, it } from 'mocha'
import { agentHeader, EXPIRED_AGENT, invalidAgent, NO_AGENT, whoIsAtWork } from '../support/agent.js'
import { expectProblem, NO_TOKEN } from '../support/expect-problem.js'
import { kit, type RunningApp, startApp } from '../support/start-app.js'

@Controller('/budgets')
class BudgetController {
  @Post()
  @RequiresAgentScope('treasury:write:budget', 'treasury:admin')
  async create() {
    await wait(1)
    return { ...whoIsAtWork(), scopes: AgentContext.getScopes(), user: AgentContext.require().userId }
  }

  @Get()
  list() {
    return whoIsAtWork()
  }

  @Get('/whole')
  @RequiresAgentScope('treasury:*')
  whole() {
    return whoIsAtWork()
  }

  @Get('/deep')
  async deep() {
    await wait(1)
    AgentContext.requireScope('wallet:pay')
    return whoIsAtWork()
  }

  @Get('/greeting')
  @OptionalAuthentication()
  greeting() {
    return whoIsAtWork()
  }

  @Get('/open')
  @AllowAnonymous()
  open() {
    return whoIsAtWork()
  }

  @Get('/quoted')
  @RequiresAgentScope('a "quoted" scope')
  quoted() {
    return whoIsAtWork()
  }
}

@Controller('/payments')
@RequiresAgentScope('wallet:pay')
@RequiresRole('treasurer')
class PaymentController {
  @Get()
  @RequiresAgentScope('wallet:execute', 'wallet:simulate')
  pay() {
    return whoIsAtWork()
  }

  @Get('/rates')
  @AllowAnonymous()
  rates() {
    return whoIsAtWork()
  }
}

const scopeMissing = (names: string, scope?: string) => ({
  status: 403,
  detail: `Agent missing required scope; required one of: ${names}`,
  code: 'agent_scope_missing',
  challenge: `AgentBearer error="insufficient_scope"${scope === undefined ? '' : `, scope="${scope}"`}`,
})

describe('agents acting for people', () => {
  let app: RunningApp
  let token: string
  let treasurer: string

  before(async () => {
    app = await startApp({ controllers: [BudgetController, PaymentController] })
    token = await kit.makeToken({ sub: 'ann' })
    treasurer = await kit.makeToken({ sub: 'tom', roles: ['treasurer'] })
  })
  after(() => app.stop())

  const agent = async (...scopes: readonly string[]) => agentHeader(await kit.makeAgentToken({ scopes }))

  describe('on a route that asks for one', () => {
    for (const scopes of [['treasury:write:budget'], ['treasury:admin'], ['other', 'treasury:*'], ['*']]) {
      it(`come in with the scopes ${scopes.join(' and ')}`, async () => {
        const response = await app.post('/budgets', { token, ...(await agent(...scopes)) })
        expect(response.status).to.equal(200)
        expect(await response.json()).to.deep.equal({ caller: 'ann', agent: 'agent', scopes, user: 'user' })
      })
    }

    it('are known when they have been seen before, too', async () => {
      const headers = await agent('treasury:*')
      for (let i = 0; i < 3; i++) {
        const response = await app.post('/budgets', { token, ...headers })
        expect(await response.json()).to.include({ caller: 'ann', agent: 'agent' })
      }
    })

    it('have to be there: 401', async () => {
      await expectProblem(await app.post('/budgets', { token }), NO_AGENT)
    })

    it('come after the user: 401 for a missing user first, and for a bad one', async () => {
      await expectProblem(await app.post('/budgets'), NO_TOKEN)
      await expectProblem(await app.post('/budgets', await agent('*')), NO_TOKEN)
      const expired = await kit.makeToken({}, { expiresIn: '-1h' })
      await expectProblem(await app.post('/budgets', { token: expired, ...(await agent('*')) }), {
        status: 401,
        detail: 'Token has expired',
        challenge: 'Bearer error="invalid_token"',
      })
    })

    for (const scopes of [[], ['treasury:read'], ['treasury:write'], ['treasury:write:*x'], ['treasury:*:budget']]) {
      it(`are refused with the scopes ${scopes.join(' and ') || 'of nobody'}: 403`, async () => {
        const names = 'treasury:admin, treasury:write:budget'
        const problem = await expectProblem(
          await app.post('/budgets', { token, ...(await agent(...scopes)) }),
          scopeMissing(names, names.replace(',', '')),
        )
        expect(problem['missing']).to.deep.equal({ agentScopes: ['treasury:admin', 'treasury:write:budget'] })
      })
    }

    it('need the whole of what is asked for with a wildcard', async () => {
      const part = await app.get('/budgets/whole', { token, ...(await agent('treasury:write:budget', 'treasury')) })
      await expectProblem(part, scopeMissing('treasury:*', 'treasury:*'))
      for (const scope of ['treasury:*', '*']) {
        expect((await app.get('/budgets/whole', { token, ...(await agent(scope)) })).status).to.equal(200)
      }
    })

    for (const scopes of ['treasury:*', '*', { 0: '*' }, ['*', 1], [['*']], null, undefined, true]) {
      it(`are granted nothing by scopes that are not a list of texts: ${JSON.stringify(scopes)}`, async () => {
        const bad = agentHeader(await kit.makeAgentToken({ scopes }))
        expect((await app.post('/budgets', { token, ...bad })).status).to.equal(403)
      })
    }

    it('are granted nothing by other claims that scopes can be in', async () => {
      const bad = await kit.makeAgentToken({ scope: '*', scp: ['*'], permissions: ['*'], role: '*', scopes: undefined })
      expect((await app.post('/budgets', { token, ...agentHeader(bad) })).status).to.equal(403)
    })

    it("are granted nothing by the user's own scopes", async () => {
      const mighty = await kit.makeToken({ sub: 'ann', scopes: ['*'], scope: '*' })
      const response = await app.post('/budgets', { token: mighty, ...(await agent('none')) })
      expect(response.status).to.equal(403)
    })

    it('are not told of scopes that a challenge cannot hold', async () => {
      const response = await app.get('/budgets/quoted', { token, ...(await agent('none')) })
      await expectProblem(response, scopeMissing('a "quoted" scope'))
    })
  })

  describe('where several requirements add up', () => {
    it('need one scope of each decorator, of class and method', async () => {
      for (const scopes of [['wallet:pay', 'wallet:execute'], ['wallet:simulate', 'wallet:pay'], ['wallet:*']]) {
        const response = await app.get('/payments', { token: treasurer, ...(await agent(...scopes)) })
        expect(await response.json()).to.deep.equal({ caller: 'tom', agent: 'agent' })
      }
    })

    for (const { scopes, names, missing } of [
      { scopes: ['wallet:execute'], names: 'wallet:pay', missing: ['wallet:pay'] },
      {
        scopes: ['wallet:pay'],
        names: 'wallet:execute, wallet:simulate',
        missing: ['wallet:execute', 'wallet:simulate'],
      },
      {
        scopes: ['none'],
        names: 'wallet:pay; and one of: wallet:execute, wallet:simulate',
        missing: ['wallet:pay', 'wallet:execute', 'wallet:simulate'],
      },
    ]) {
      it(`are told everything they lack with ${scopes}`, async () => {
        const response = await app.get('/payments', { token: treasurer, ...(await agent(...scopes)) })
        const problem = await expectProblem(response, scopeMissing(names, missing.join(' ')))
        expect(problem['missing']).to.deep.equal({ agentScopes: missing })
      })
    }

    it("don't make up for what the user lacks", async () => {
      const response = await app.get('/payments', { token, ...(await agent('*')) })
      expect(response.status).to.equal(403)
      expect(await response.json()).to.deep.include({ missing: { roles: ['treasurer'] } })
    })

    it('are known before anything is decided: a missing one is 401 also for a user who lacks a role', async () => {
      await expectProblem(await app.get('/payments', { token }), NO_AGENT)
      const expired = agentHeader(await kit.makeAgentToken({}, { expiresIn: '-1h' }))
      await expectProblem(await app.get('/payments', { token, ...expired }), EXPIRED_AGENT)
    })

    it("don't hold roles: an agent's role is none of the caller's", async () => {
      const bad = agentHeader(await kit.makeAgentToken({ scopes: ['*'], role: 'treasurer', roles: ['treasurer'] }))
      expect((await app.get('/payments', { token, ...bad })).status).to.equal(403)
    })

    it('are not asked for where a method is open', async () => {
      const response = await app.get('/payments/rates', await agent('none'))
      expect(await response.json()).to.deep.equal({ caller: null, agent: null })
    })

    it('are in the route table', () => {
      const { routes } = app.container.get(RouteTable)
      const sentences = Object.fromEntries(routes.map(({ method, path, sentence }) => [`${method} ${path}`, sentence]))
      expect(sentences).to.include({
        'POST /budgets': 'any valid token, and an agent with scope treasury:admin or treasury:write:budget',
        'GET /payments':
          'role treasurer, and an agent with scope wallet:pay, and an agent with scope wallet:execute or wallet:simulate',
        'GET /budgets': 'any valid token',
      })
    })
  })

  describe("on a route that doesn't ask", () => {
    it('may be absent', async () => {
      const response = await app.get('/budgets', { token })
      expect(await response.json()).to.deep.equal({ caller: 'ann', agent: null })
    })

    it('are known when they are there, whatever their scopes', async () => {
      const response = await app.get('/budgets', { token, ...(await agent()) })
      expect(await response.json()).to.deep.equal({ caller: 'ann', agent: 'agent' })
    })

    it('are refused when they are bad', async () => {
      const expired = agentHeader(await kit.makeAgentToken({}, { expiresIn: '-1h' }))
      await expectProblem(await app.get('/budgets', { token, ...expired }), EXPIRED_AGENT)
    })

    it('are refused on paths that no route has', async () => {
      expect((await app.get('/nowhere', { token, ...(await agent()) })).status).to.equal(404)
      const malformed = invalidAgent('agent_token_malformed', 'it is not a well-formed signed JWT')
      await expectProblem(await app.get('/nowhere', { token, ...agentHeader('x') }), malformed)
      await expectProblem(await app.get('/nowhere', agentHeader('x')), NO_TOKEN)
    })

    it('can be asked for deep inside the application', async () => {
      const paying = await app.get('/budgets/deep', { token, ...(await agent('wallet:*')) })
      expect(await paying.json()).to.deep.equal({ caller: 'ann', agent: 'agent' })
      await expectProblem(await app.get('/budgets/deep', { token }), NO_AGENT)
      const poor = await app.get('/budgets/deep', { token, ...(await agent('wallet:read')) })
      await expectProblem(poor, scopeMissing('wallet:pay', 'wallet:pay'))
    })
  })

  describe('on a route with optional authentication', () => {
    it('may be absent, and may be there with a user', async () => {
      expect(await (await app.get('/budgets/greeting')).json()).to.deep.equal({ caller: null, agent: null })
      const both = await app.get('/budgets/greeting', { token, ...(await agent()) })
      expect(await both.json()).to.deep.equal({ caller: 'ann', agent: 'agent' })
    })

    it('are known without a user, who is not signed in by that', async () => {
      const response = await app.get('/budgets/greeting', await agent('*'))
      expect(await response.json()).to.deep.equal({ caller: null, agent: 'agent' })
    })

    it('are refused when they are bad, with or without a user', async () => {
      const expired = agentHeader(await kit.makeAgentToken({}, { expiresIn: '-1h' }))
      await expectProblem(await app.get('/budgets/greeting', expired), EXPIRED_AGENT)
      await expectProblem(await app.get('/budgets/greeting', { token, ...expired }), EXPIRED_AGENT)
    })
  })

  it('are not looked at on an anonymous route', async () => {
    const expired = agentHeader(await kit.makeAgentToken({}, { expiresIn: '-1h' }))
    const empty = { headers: { 'x-agent-authorization': '' } }
    for (const headers of [agentHeader('garbage'), agentHeader('a b'), empty, expired, await agent('*')]) {
      const response = await app.get('/budgets/open', { token, ...headers })
      expect(response.status).to.equal(200)
      expect(await response.json()).to.deep.equal({ caller: null, agent: null })
    }
  })

  it('never mix in requests at the same time', async () => {
    const requests = Array.from({ length: 40 }, async (_, i) => {
      const user = await kit.makeToken({ sub: `user-${i}` })
      const acting = i % 2 === 0
      const header = agentHeader(await kit.makeAgentToken({ sub: `agent-${i}`, scopes: ['wallet:pay'] }))
      const response = await app.get('/budgets/deep', { token: user, ...(acting ? header : {}) })
      if (!acting) return expect(response.status).to.equal(401)
      return expect(await response.json()).to.deep.equal({ caller: `user-${i}`, agent: `agent-${i}` })
    })
    await Promise.all(requests)
    expect(AgentContext.get()).to.equal(undefined)
  })
})
