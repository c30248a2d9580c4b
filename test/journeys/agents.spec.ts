import { expect } from 'chai'
import {
  type AuthEventName,
  Controller,
  Get,
  KeySource,
  KeysUnavailableError,
  KoaConfigurer,
  OptionalAuthentication,
  onAuthEvent,
  RequiresAgentScope,
  RevocationCheck,
  type TokenClaims,
} from 'inversify-koa-auth'
import { after, afterEach, before, describe, it } from 'mocha'
import { agentHeader, invalidAgent, whoIsAtWork } from '../support/agent.js'
import { expectProblem } from '../support/expect-problem.js'
import { kit, type RunningApp, startApp } from '../support/start-app.js'

@Controller()
class WorkController {
  @Get('/required')
  @RequiresAgentScope('work')
  required() {
    return whoIsAtWork()
  }

  @Get('/secured')
  secured() {
    return whoIsAtWork()
  }

  @Get('/optional')
  @OptionalAuthentication()
  optional() {
    return whoIsAtWork()
  }
}

const PATHS = ['/required', '/secured', '/optional']

describe("an agent's credentials, seen from the operator's side,", () => {
  let app: RunningApp
  let token: string
  const rejected: Readonly<Record<string, unknown>>[] = []
  let stop: () => void

  before(async () => {
    app = await startApp({ controllers: [WorkController] })
    token = await kit.makeToken({ sub: 'ann' })
    stop = onAuthEvent('rejected', (event) => rejected.push({ ...event }))
  })
  after(async () => {
    stop()
    await app.stop()
  })
  afterEach(() => rejected.splice(0))

  it('are told of, when refused, by reason, key id and hash: neither token nor claim', async () => {
    const secret = { sub: 'secret-agent', task_id: 'secret-task', scopes: ['secret'] }
    const expired = await kit.makeAgentToken(secret, { expiresIn: -60 })
    await app.get('/secured', { token, ...agentHeader(expired) })
    expect(rejected).to.have.length(1)
    expect(rejected[0]).to.have.all.keys('reason', 'kid', 'subjectHash', 'route')
    expect(rejected[0]).to.include({
      reason: 'agent_token_expired',
      kid: kit.keyPair.kid,
      route: 'GET /secured',
    })
    expect(JSON.stringify(rejected)).not.to.match(/secret/)
    for (const part of expired.split('.')) expect(JSON.stringify(rejected)).not.to.include(part)
  })

  it('are in the audit trail when their scopes are what is missing', async () => {
    const denied: unknown[] = []
    const names: AuthEventName[] = []
    const stops = [
      onAuthEvent('denied', (event) => denied.push({ ...event })),
      onAuthEvent('authenticated', () => names.push('authenticated')),
    ]
    try {
      await app.get('/required', { token, ...agentHeader(await kit.makeAgentToken({ sub: 'a-7', scopes: ['other'] })) })
    } finally {
      for (const end of stops) end()
    }
    expect(names).to.deep.equal(['authenticated'])
    expect(denied).to.deep.equal([
      { subject: 'ann', agent: 'a-7', roles: [], missing: { agentScopes: ['work'] }, route: 'GET /required' },
    ])
  })

  it('are in ctx.state for access logs, also when they are refused for their scopes', async () => {
    const seen: unknown[] = []
    const logged = await startApp({
      controllers: [WorkController],
      loaded: (container) => {
        container.bind(KoaConfigurer).toConstantValue({
          configure: (koa) => {
            koa.use((ctx, next) =>
              next().finally(() => seen.push([ctx.state['principal']?.claims.sub, ctx.state['agent']?.sub])),
            )
          },
        })
      },
    })
    try {
      await logged.get('/required', { token, ...agentHeader(await kit.makeAgentToken({ sub: 'a-7' })) })
      await logged.get('/secured', { token })
      expect(seen).to.deep.equal([
        ['ann', 'a-7'],
        ['ann', undefined],
      ])
    } finally {
      await logged.stop()
    }
  })

  describe('that cannot be judged', () => {
    it('are 503 while the keys cannot be had, and the user is known', async () => {
      const broken = await startApp({
        controllers: [WorkController],
        loaded: (container) => {
          container.rebind(KeySource).toConstantValue({
            keyFor: async (header) => {
              if (header.kid === 'agents') throw new KeysUnavailableError(7)
              return kit.keySource.keyFor(header)
            },
          })
        },
      })
      try {
        const unknown = await kit.makeAgentToken({ scopes: ['work'] }, { kid: 'agents' })
        for (const path of PATHS) {
          const response = await broken.get(path, { token, ...agentHeader(unknown) })
          expect(response.headers.get('retry-after')).to.equal('7')
          await expectProblem(response, {
            status: 503,
            detail: 'Signing keys are temporarily unavailable',
            code: 'keys_unavailable',
          })
          expect(rejected.pop()).to.include({ reason: 'agent_keys_unavailable', route: `GET ${path}` })
        }
      } finally {
        await broken.stop()
      }
    })

    it('are 401 when they have been revoked, and 503 where that cannot be told', async () => {
      const check: RevocationCheck = {
        isRevoked: ({ jti }: TokenClaims) => {
          if (jti === 'unsure') throw new Error('no database')
          return jti === 'revoked'
        },
      }
      const revoking = await startApp({
        controllers: [WorkController],
        bind: (container) => void container.bind<RevocationCheck>(RevocationCheck).toConstantValue(check),
      })
      try {
        const revoked = agentHeader(await kit.makeAgentToken({ scopes: ['work'], jti: 'revoked' }))
        const unsure = agentHeader(await kit.makeAgentToken({ scopes: ['work'], jti: 'unsure' }))
        for (const path of PATHS) {
          await expectProblem(
            await revoking.get(path, { token, ...revoked }),
            invalidAgent('agent_token_revoked', 'it has been revoked'),
          )
          await expectProblem(await revoking.get(path, { token, ...unsure }), {
            status: 503,
            detail: 'Revocation state is temporarily unavailable',
            code: 'revocation_unavailable',
          })
        }
        expect(rejected.map(({ reason }) => reason)).to.deep.equal(
          PATHS.flatMap(() => ['agent_token_revoked', 'agent_revocation_unavailable']),
        )
      } finally {
        await revoking.stop()
      }
    })
  })
})
