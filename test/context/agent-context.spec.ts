import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { expect } from 'chai'
import Koa from 'koa'
import { describe, it } from 'mocha'
import type { NonEmpty } from '../../src/authorization/condition.js'
import type { Principal } from '../../src/authorization/principal.js'
import { principalOf } from '../../src/authorization/principal-of.js'
import { AgentContext } from '../../src/context/agent-context.js'
import { requireAgentScopes } from '../../src/context/require-agent-scopes.js'
import { SecurityContext } from '../../src/context/security-context.js'
import { runInScope } from '../../src/context/security-scope.js'
import { AgentScopeMissingError } from '../../src/errors/agent-scope-missing-error.js'
import { AgentTokenMissingError } from '../../src/errors/agent-token-missing-error.js'
import { onAuthEvent } from '../../src/events/auth-event.js'
import { RequestScope } from '../../src/http/request-scope.js'
import { type AgentClaims, toAgentClaims } from '../../src/tokens/agent-claims.js'
import { verifiedToken } from '../../src/tokens/verified-token.js'

const agentWith = (...scopes: readonly string[]): AgentClaims =>
  toAgentClaims({ sub: 'agent', user_id: 'ann', scopes: [...scopes], extra: { deep: [1] } })

const principal = async (sub: string): Promise<Principal> =>
  principalOf(verifiedToken({ alg: 'RS256' }, { sub }), { resolve: () => [] })

/** Caller and agent, as they look from the line that asks. */
const both = () => [SecurityContext.get()?.sub, AgentContext.get()?.sub]

describe('the agent context', () => {
  it('knows the agent', () => {
    const agent = agentWith('treasury:*', 'wallet:pay')
    AgentContext.run(agent, () => {
      expect(AgentContext.get()).to.equal(agent)
      expect(AgentContext.require()).to.equal(agent)
      expect(AgentContext.isPresent()).to.equal(true)
      expect(AgentContext.getScopes()).to.deep.equal(['treasury:*', 'wallet:pay'])
    })
  })

  it('yields frozen values only', () => {
    AgentContext.run(agentWith('a'), () => {
      const { get, require, getScopes } = AgentContext
      for (const value of [get(), require(), getScopes(), get()?.rawClaims, get()?.rawClaims['extra']]) {
        expect(Object.isFrozen(value)).to.equal(true)
      }
      expect(() => (getScopes() as string[]).push('*')).to.throw(TypeError)
      expect(AgentContext.hasScope('other')).to.equal(false)
    })
  })

  for (const { where, run } of [
    { where: 'outside of any', run: (work: () => void) => work() },
    { where: 'run without an agent', run: (work: () => void) => AgentContext.run(undefined, work) },
    {
      where: 'run for somebody, an agent being at work outside',
      run: async (work: () => void) => {
        const ann = await principal('ann')
        AgentContext.run(agentWith('*'), () => SecurityContext.run(ann, work))
      },
    },
  ]) {
    it(`is empty: ${where}`, async () => {
      let ran = false
      await run(() => {
        expect(AgentContext.get()).to.equal(undefined)
        expect(AgentContext.isPresent()).to.equal(false)
        expect(AgentContext.getScopes()).to.deep.equal([]).and.be.frozen
        expect(AgentContext.hasScope('a')).to.equal(false)
        expect(() => AgentContext.require()).to.throw(AgentTokenMissingError)
        expect(() => AgentContext.requireScope('a')).to.throw(AgentTokenMissingError)
        ran = true
      })
      expect(ran).to.equal(true)
    })
  }

  const questions: readonly { scopes: readonly string[]; asked: NonEmpty<string>; has: boolean }[] = [
    { scopes: ['a:b'], asked: ['a:b'], has: true },
    { scopes: ['a:b'], asked: ['x', 'a:b'], has: true },
    { scopes: ['a:*'], asked: ['a:b'], has: true },
    { scopes: ['*'], asked: ['a:*'], has: true },
    { scopes: ['a:b'], asked: ['a:*'], has: false },
    { scopes: ['a:b'], asked: ['a:c', 'x'], has: false },
    { scopes: [], asked: ['a'], has: false },
  ]
  for (const { scopes, asked, has } of questions) {
    it(`says ${has} when asked for ${asked.join(' or ')} with ${scopes.join() || 'nothing'}`, () => {
      AgentContext.run(agentWith(...scopes), () => {
        expect(AgentContext.hasScope(...asked)).to.equal(has)
        const require = () => AgentContext.requireScope(...asked)
        if (has) expect(require).not.to.throw()
        else expect(require).to.throw(AgentScopeMissingError, `required one of: ${[...asked].sort().join(', ')}`)
      })
    })
  }

  it('does not compile without scopes, and throws when it does, whoever is at work', () => {
    for (const agent of [undefined, agentWith('*')]) {
      AgentContext.run(agent, () => {
        // @ts-expect-error at least one scope
        expect(() => AgentContext.hasScope()).to.throw(TypeError, 'at least one agent scope')
        // @ts-expect-error at least one scope
        expect(() => AgentContext.requireScope()).to.throw(TypeError, 'at least one agent scope')
        expect(() => AgentContext.hasScope('')).to.throw(TypeError, 'non-empty string')
      })
    }
  })

  it('is asked for lists of scopes all of which count', () => {
    AgentContext.run(agentWith('a', 'b:*'), () => {
      expect(() => requireAgentScopes([['a', 'x'], ['b:c']])).not.to.throw()
      expect(() => requireAgentScopes([['a'], ['x', 'y'], ['z']])).to.throw(
        AgentScopeMissingError,
        'Agent missing required scope; required one of: x, y; and one of: z',
      )
    })
    expect(() => requireAgentScopes([])).not.to.throw()
    expect(() => requireAgentScopes([['a']])).to.throw(AgentTokenMissingError)
  })

  it('tells the audit trail of a refusal without a caller, too', () => {
    const denied: unknown[] = []
    const stop = onAuthEvent('denied', (event) => denied.push({ ...event }))
    try {
      AgentContext.run(agentWith('a'), () => expect(() => AgentContext.requireScope('b')).to.throw())
    } finally {
      stop()
    }
    const missing = { agentScopes: ['b'] }
    expect(denied).to.deep.equal([{ subject: '', agent: 'agent', roles: [], missing, route: undefined }])
  })

  describe('of work that is run', () => {
    it('stands beside the caller, and comes back with what the work returns', async () => {
      const ann = await principal('ann')
      const seen = SecurityContext.run(ann, () => [AgentContext.run(agentWith(), both), both()])
      expect(seen).to.deep.equal([
        ['ann', 'agent'],
        ['ann', undefined],
      ])
    })

    it('goes on after awaits and timers, and no further than the work', async () => {
      const inside = AgentContext.run(agentWith(), async () => {
        await wait(1)
        return AgentContext.get()?.sub
      })
      expect(AgentContext.get()).to.equal(undefined)
      expect(await inside).to.equal('agent')
    })

    it('is refused an agent whose scopes are no list', () => {
      for (const scopes of ['*', undefined, { includes: () => true }]) {
        const agent = { ...agentWith(), scopes } as unknown as AgentClaims
        expect(() => AgentContext.run(agent, () => undefined)).to.throw(TypeError, 'have to be a list')
      }
    })
  })

  describe('of a callback', () => {
    it('is that of the moment it was bound, caller and agent', async () => {
      const ann = await principal('ann')
      const bound = SecurityContext.run(ann, () => AgentContext.run(agentWith(), () => SecurityContext.bind(both)))
      expect(bound()).to.deep.equal(['ann', 'agent'])
      expect(AgentContext.run(toAgentClaims({ sub: 'other' }), bound)).to.deep.equal(['ann', 'agent'])
    })

    it('is nobody when it was bound without an agent', () => {
      const bound = SecurityContext.bind(both)
      expect(AgentContext.run(agentWith(), bound)).to.deep.equal([undefined, undefined])
    })
  })

  describe('of a request', () => {
    for (const isOver of [false, true]) {
      it(isOver ? 'is gone with it, except for what was bound' : 'lasts as long', async () => {
        const lifetime = { isOver: false }
        const scope = { principal: await principal('ann'), agent: agentWith(), enforced: true, lifetime }
        runInScope(scope, () => {
          const bound = SecurityContext.bind(both)
          const replaced = AgentContext.run(toAgentClaims({ sub: 'other' }), () => () => both())
          lifetime.isOver = isOver
          expect(both()).to.deep.equal(isOver ? [undefined, undefined] : ['ann', 'agent'])
          expect(replaced()).to.deep.equal(both())
          expect(bound()).to.deep.equal(['ann', 'agent'])
        })
      })
    }

    it('is gone with it for work begun with another agent inside', async () => {
      const request = new IncomingMessage(new Socket())
      const ctx = new Koa().createContext(request, new ServerResponse(request))
      ctx.res.destroy()
      const scope = new RequestScope(await principal('ann'), true, undefined, ctx)
      runInScope(scope, () => {
        AgentContext.run(agentWith(), () => {
          expect(both()).to.deep.equal(['ann', 'agent'])
          scope.settle()
          expect(both()).to.deep.equal([undefined, undefined])
        })
      })
    })
  })

  describe('where nothing is enforced', () => {
    const unenforced = { principal: undefined, enforced: false }

    it('requires nothing, and still knows no agent', () => {
      runInScope(unenforced, () => {
        expect(() => AgentContext.requireScope('a')).not.to.throw()
        expect(AgentContext.hasScope('a')).to.equal(false)
        expect(AgentContext.require()).to.include({ sub: '', spendLimit: '' }).and.be.frozen
        expect(AgentContext.get()).to.equal(undefined)
        expect(AgentContext.run(agentWith(), () => AgentContext.require().sub)).to.equal('agent')
      })
    })
  })
})
