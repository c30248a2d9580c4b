import { setTimeout as wait } from 'node:timers/promises'
import { expect } from 'chai'
import { type Container, injectable, type Newable } from 'inversify'
import {
  AgentContext,
  AgentScopeMissingError,
  Controller,
  type DeniedEvent,
  Get,
  InsufficientPermissionsError,
  onAuthEvent,
  type Policy,
  Post,
  type Principal,
  RequiresAgentScope,
  RequiresPolicy,
  RequiresRole,
  RequiresScope,
  SecurityContext,
  secured,
} from 'inversify-koa-auth'
import { runAs } from 'inversify-koa-auth/testing'
import { after, afterEach, before, describe, it } from 'mocha'
import { toAgentClaims } from '../../src/tokens/agent-claims.js'
import { agentHeader } from '../support/agent.js'
import { type ExpectedProblem, expectProblem } from '../support/expect-problem.js'
import { kit, type RunningApp, startApp } from '../support/start-app.js'

@injectable()
class OfAnn implements Policy {
  /** Inside the context, policies know the caller and the agent, whatever that agent may do. */
  permits({ claims }: Principal): boolean {
    return claims.sub === 'ann' && SecurityContext.get()?.sub === 'ann' && AgentContext.isPresent()
  }
}

@injectable()
class OfAnnLater implements Policy {
  permits({ claims }: Principal): Promise<boolean> {
    return wait(1, claims.sub === 'ann')
  }
}

@injectable()
class NeverAnswers implements Policy {
  permits(): Promise<boolean> {
    return new Promise(() => undefined)
  }
}

@injectable()
class Fails implements Policy {
  permits(): boolean {
    throw new Error('no database')
  }
}

const policies: readonly Newable<Policy>[] = [OfAnn, OfAnnLater, NeverAnswers, Fails]
let handled = 0

@Controller('/transfers')
@RequiresAgentScope('wallet:pay', 'wallet:all')
class TransferController {
  @Post()
  @RequiresScope('transfers:write')
  @RequiresRole('treasurer')
  create() {
    return ++handled
  }

  @Get()
  @RequiresRole('treasurer')
  list() {
    return ++handled
  }

  @Get('/ofann')
  @RequiresPolicy(OfAnn)
  ofAnn() {
    return ++handled
  }

  @Get('/ofannlater')
  @RequiresPolicy(OfAnnLater)
  ofAnnLater() {
    return ++handled
  }

  @Get('/neveranswers')
  @RequiresPolicy(NeverAnswers)
  neverAnswers() {
    return ++handled
  }

  @Get('/fails')
  @RequiresPolicy(Fails)
  fails() {
    return ++handled
  }
}

@injectable()
class Transfers {
  @RequiresRole('treasurer')
  @RequiresAgentScope('wallet:pay', 'wallet:all')
  create() {
    return 'created'
  }

  @RequiresPolicy(OfAnnLater)
  @RequiresAgentScope('wallet:pay', 'wallet:all')
  async createLater() {
    return 'created'
  }
}

const bind = (container: Container): void => {
  for (const policy of policies) container.bind(policy).toSelf()
}

const AGENT_SENTENCE = 'Agent missing required scope; required one of: wallet:all, wallet:pay'
const AGENT_CHALLENGE = 'AgentBearer error="insufficient_scope", scope="wallet:all wallet:pay"'
const AGENT_SCOPES = ['wallet:all', 'wallet:pay']
const AGENT_ALONE: ExpectedProblem = {
  status: 403,
  code: 'agent_scope_missing',
  detail: AGENT_SENTENCE,
  challenge: AGENT_CHALLENGE,
}
const both = (sentence: string, challenge = 'Bearer error="insufficient_scope"'): ExpectedProblem => ({
  status: 403,
  code: 'insufficient_permissions',
  detail: `${sentence}. ${AGENT_SENTENCE}`,
  challenge: `${challenge}, ${AGENT_CHALLENGE}`,
})

describe('a refusal of caller and agent', () => {
  let app: RunningApp
  let stop: () => void
  const denied: DeniedEvent[] = []

  before(async () => {
    app = await startApp({ controllers: [TransferController], settings: { decisionTimeoutMs: 40 }, bind })
    stop = onAuthEvent('denied', (event) => denied.push({ ...event }))
  })
  after(async () => {
    stop()
    await app.stop()
  })
  afterEach(() => {
    denied.splice(0)
    expect(handled).to.equal(0)
  })

  const as = async (claims: object, ...scopes: readonly string[]) => ({
    token: await kit.makeToken({ sub: 'bob', ...claims }),
    ...agentHeader(await kit.makeAgentToken({ sub: 'a-7', scopes })),
  })

  it('is one, that names everything, in the audit trail too', async () => {
    const response = await app.post('/transfers', await as({ roles: ['clerk'] }, 'wallet:read'))
    const problem = await expectProblem(
      response,
      both(
        'Requires one of scopes: transfers:write; and one of roles: treasurer',
        'Bearer error="insufficient_scope", scope="transfers:write"',
      ),
    )
    const missing = { scopes: ['transfers:write'], roles: ['treasurer'], agentScopes: AGENT_SCOPES }
    expect(problem['missing']).to.deep.equal(missing)
    expect(denied).to.deep.equal([
      { subject: 'bob', agent: 'a-7', roles: ['clerk'], missing, route: 'POST /transfers' },
    ])
  })

  for (const { what, claims, expected, missing } of [
    {
      what: 'the scope alone is missing',
      claims: { roles: ['treasurer'] },
      expected: both(
        'Requires one of scopes: transfers:write',
        'Bearer error="insufficient_scope", scope="transfers:write"',
      ),
      missing: { scopes: ['transfers:write'], agentScopes: AGENT_SCOPES },
    },
    {
      what: 'the role alone is missing',
      claims: { scope: 'transfers:write' },
      expected: both('Requires one of roles: treasurer'),
      missing: { roles: ['treasurer'], agentScopes: AGENT_SCOPES },
    },
    {
      what: 'the caller has everything',
      claims: { roles: ['treasurer'], scope: 'transfers:write' },
      expected: AGENT_ALONE,
      missing: { agentScopes: AGENT_SCOPES },
    },
  ]) {
    it(`names no more than that where ${what}`, async () => {
      const problem = await expectProblem(await app.post('/transfers', await as(claims, 'other')), expected)
      expect(problem['missing']).to.deep.equal(missing)
      expect(denied.map((event) => [event.agent, event.missing])).to.deep.equal([['a-7', missing]])
    })
  }

  it('leaves out the agent that has everything', async () => {
    await expectProblem(await app.get('/transfers', await as({}, 'wallet:*')), {
      status: 403,
      code: 'insufficient_permissions',
      detail: 'Requires one of roles: treasurer',
      challenge: 'Bearer error="insufficient_scope"',
    })
    expect(denied).to.deep.equal([
      { subject: 'bob', roles: [], missing: { roles: ['treasurer'] }, route: 'GET /transfers' },
    ])
  })

  for (const policy of policies) {
    const path = `/transfers/${policy.name.toLowerCase()}`
    it(`asks policies as usual: ${policy.name} and an agent that may not`, async () => {
      const problem = await expectProblem(
        await app.get(path, await as({}, 'other')),
        both(`Requires one of policies: ${policy.name}`),
      )
      const missing = { policies: [policy.name], agentScopes: AGENT_SCOPES }
      expect(problem['missing']).to.deep.equal(missing)
      expect(denied.map((event) => [event.agent, event.missing])).to.deep.equal([['a-7', missing]])
    })
  }

  for (const path of ['/transfers/ofann', '/transfers/ofannlater']) {
    it(`is the agent's alone where policies permit: ${path}`, async () => {
      const problem = await expectProblem(await app.get(path, await as({ sub: 'ann' }, 'other')), AGENT_ALONE)
      expect(problem['missing']).to.deep.equal({ agentScopes: AGENT_SCOPES })
      expect(denied).to.have.length(1)
    })
  }

  it('is still no refusal where only a policy that gives no answer stands in the way', async () => {
    expect((await app.get('/transfers/neveranswers', await as({}, 'wallet:*'))).status).to.equal(503)
    expect(denied).to.deep.equal([])
  })

  it('names nothing where errors say the least', async () => {
    const reticent = await startApp({ controllers: [TransferController], settings: { errorDetail: 'minimal' }, bind })
    try {
      const problem = await expectProblem(await reticent.post('/transfers', await as({}, 'other')), {
        status: 403,
        code: 'insufficient_permissions',
        detail: 'Insufficient permissions',
        challenge: 'Bearer error="insufficient_scope", AgentBearer error="insufficient_scope"',
      })
      expect(JSON.stringify(problem)).not.to.match(/missing|transfers:write|treasurer|wallet/)
    } finally {
      await reticent.stop()
    }
  })

  describe('by a secured service', () => {
    const agent = toAgentClaims({ sub: 'a-7', scopes: ['other'] })
    const call = async (method: 'create' | 'createLater', sub: string, roles: readonly string[]): Promise<unknown> => {
      secured(app.container.bind(Transfers).toSelf())
      try {
        const service = app.container.get(Transfers)
        return await runAs({ sub, roles }, () => AgentContext.run(agent, async () => service[method]()))
      } catch (error) {
        return error
      } finally {
        await app.container.unbind(Transfers)
      }
    }

    for (const { method, sentence } of [
      { method: 'create', sentence: 'Requires one of roles: treasurer' },
      { method: 'createLater', sentence: 'Requires one of policies: OfAnnLater' },
    ] as const) {
      it(`is one as well: ${method}`, async () => {
        const error = await call(method, 'bob', [])
        expect(error).to.be.instanceOf(InsufficientPermissionsError)
        expect(error).to.have.property('message', `${sentence}. ${AGENT_SENTENCE}`)
        expect(denied.map((event) => [event.subject, event.agent])).to.deep.equal([['bob', 'a-7']])
      })

      it(`is the agent's alone where the caller may: ${method}`, async () => {
        const error = await call(method, 'ann', ['treasurer'])
        expect(error).to.be.instanceOf(AgentScopeMissingError).and.have.property('message', AGENT_SENTENCE)
        expect(denied).to.have.length(1)
      })
    }
  })
})
