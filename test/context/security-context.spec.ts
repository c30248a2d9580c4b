import { AsyncResource } from 'node:async_hooks'
import { EventEmitter, once } from 'node:events'
import { createServer, get, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { setImmediate as tick, setTimeout as wait } from 'node:timers/promises'
import { expect } from 'chai'
import Koa from 'koa'
import { describe, it } from 'mocha'
import type { Principal } from '../../src/authorization/principal.js'
import { principalOf } from '../../src/authorization/principal-of.js'
import { requireConditions } from '../../src/context/require-conditions.js'
import { SecurityContext } from '../../src/context/security-context.js'
import { currentScope, runInScope } from '../../src/context/security-scope.js'
import { InsufficientPermissionsError } from '../../src/errors/insufficient-permissions-error.js'
import { MissingTokenError } from '../../src/errors/missing-token-error.js'
import { RequestScope } from '../../src/http/request-scope.js'
import { verifiedToken } from '../../src/tokens/verified-token.js'
import { eventually } from '../keys/eventually.js'

const principal = async (sub: string, ...roles: readonly string[]): Promise<Principal> =>
  principalOf(verifiedToken({ alg: 'RS256' }, { sub, dept: { name: 'R&D' } }), { resolve: () => roles })

const sub = () => SecurityContext.get()?.sub

describe('the security context', () => {
  describe('of somebody', () => {
    it('knows the caller', async () => {
      const ann = await principal('ann', 'editor', 'viewer')
      SecurityContext.run(ann, () => {
        expect(SecurityContext.principal()).to.equal(ann)
        expect(SecurityContext.get()).to.equal(ann.claims)
        expect(SecurityContext.require()).to.equal(ann.claims)
        expect(SecurityContext.rawClaims()).to.deep.equal({ sub: 'ann', dept: { name: 'R&D' } })
        expect(SecurityContext.isAuthenticated()).to.equal(true)
        expect(SecurityContext.getRoles()).to.deep.equal(['editor', 'viewer'])
      })
    })

    it('yields frozen values only', async () => {
      SecurityContext.run(await principal('ann', 'editor'), () => {
        const { principal, get, require, rawClaims, getRoles } = SecurityContext
        for (const value of [principal(), get(), require(), rawClaims(), rawClaims()['dept'], getRoles()]) {
          expect(Object.isFrozen(value)).to.equal(true)
        }
        expect(() => (getRoles() as string[]).push('admin')).to.throw(TypeError)
        expect(SecurityContext.hasRole('admin')).to.equal(false)
      })
    })
  })

  describe('of nobody', () => {
    for (const { where, run } of [
      { where: 'outside of any', run: (work: () => void) => work() },
      { where: 'run for nobody', run: (work: () => void) => SecurityContext.run(undefined, work) },
    ]) {
      it(`is empty: ${where}`, () => {
        run(() => {
          expect(SecurityContext.principal()).to.equal(undefined)
          expect(SecurityContext.get()).to.equal(undefined)
          expect(SecurityContext.rawClaims()).to.deep.equal({})
          expect(SecurityContext.isAuthenticated()).to.equal(false)
          expect(SecurityContext.getRoles()).to.deep.equal([])
          expect(SecurityContext.hasRole('admin')).to.equal(false)
          expect(() => SecurityContext.require()).to.throw(MissingTokenError)
          expect(() => SecurityContext.requireRole('admin')).to.throw(MissingTokenError)
          expect(SecurityContext.rawClaims()).to.be.frozen
          expect(SecurityContext.getRoles()).to.be.frozen
        })
      })
    }
  })

  describe('asked for roles', () => {
    for (const { roles, anyOf, has } of [
      { roles: ['editor'], anyOf: ['editor'], has: true },
      { roles: ['editor'], anyOf: ['admin', 'editor'], has: true },
      { roles: ['admin', 'editor'], anyOf: ['editor', 'viewer'], has: true },
      { roles: ['editor'], anyOf: ['admin', 'viewer'], has: false },
      { roles: ['editor'], anyOf: ['Editor'], has: false },
      { roles: [], anyOf: ['editor'], has: false },
    ] as const) {
      it(`${has ? 'finds' : 'does not find'} any of [${anyOf}] in [${roles}]`, async () => {
        SecurityContext.run(await principal('ann', ...roles), () => {
          const [first, ...others] = anyOf
          expect(SecurityContext.hasRole(first, ...others)).to.equal(has)
          const requiring = () => SecurityContext.requireRole(first, ...others)
          if (has) return expect(requiring).not.to.throw()
          const message = `Requires one of roles: ${[...anyOf].sort().join(', ')}`
          return expect(requiring).to.throw(InsufficientPermissionsError, message)
        })
      })
    }

    it('names everything that is missing in one refusal', async () => {
      const conditions = [
        { kind: 'role', anyOf: ['a'] },
        { kind: 'role', anyOf: ['b', 'c'] },
        { kind: 'role', anyOf: ['d'] },
      ] as const
      SecurityContext.run(await principal('ann', 'd'), () => {
        expect(() => requireConditions(conditions)).to.throw('Requires one of roles: a; and one of roles: b, c')
      })
    })
  })

  describe('asked for nothing insists on at least one, in types and at run time, whoever calls:', () => {
    for (const { name, none, empty } of [
      {
        name: 'hasRole',
        // @ts-expect-error at least one role
        none: () => SecurityContext.hasRole(),
        empty: () => SecurityContext.hasRole(''),
      },
      {
        name: 'requireRole',
        // @ts-expect-error at least one role
        none: () => SecurityContext.requireRole(),
        empty: () => SecurityContext.requireRole('admin', ''),
      },
      {
        name: 'hasGroup',
        // @ts-expect-error at least one group
        none: () => SecurityContext.hasGroup(),
        empty: () => SecurityContext.hasGroup('ops', ''),
      },
      {
        name: 'requireGroup',
        // @ts-expect-error at least one group
        none: () => SecurityContext.requireGroup(),
        empty: () => SecurityContext.requireGroup(''),
      },
      {
        name: 'hasScope',
        // @ts-expect-error at least one scope
        none: () => SecurityContext.hasScope(),
        empty: () => SecurityContext.hasScope(''),
      },
      {
        name: 'requireScope',
        // @ts-expect-error at least one scope
        none: () => SecurityContext.requireScope(),
        empty: () => SecurityContext.requireScope('read', ''),
      },
      {
        name: 'hasPermission',
        // @ts-expect-error at least one permission
        none: () => SecurityContext.hasPermission(),
        empty: () => SecurityContext.hasPermission('read', ''),
      },
      {
        name: 'requirePermission',
        // @ts-expect-error at least one permission
        none: () => SecurityContext.requirePermission(),
        empty: () => SecurityContext.requirePermission(''),
      },
    ]) {
      it(name, async () => {
        for (const caller of [undefined, await principal('ann', 'admin')]) {
          SecurityContext.run(caller, () => {
            expect(none).to.throw(TypeError, /^at least one (role|group|scope|permission) is needed/)
            expect(empty).to.throw(TypeError, 'non-empty string')
          })
        }
      })
    }
  })

  describe('run for somebody', () => {
    it('comes back with what the work returns, and lets through what it throws', async () => {
      const ann = await principal('ann')
      expect(SecurityContext.run(ann, () => 42)).to.equal(42)
      expect(await SecurityContext.run(ann, async () => sub())).to.equal('ann')
      const boom = new Error('boom')
      expect(() =>
        SecurityContext.run(ann, () => {
          throw boom
        }),
      ).to.throw(boom)
    })

    it('is over afterwards', async () => {
      const ann = await principal('ann')
      SecurityContext.run(ann, () => undefined)
      expect(sub()).to.equal(undefined)
      await SecurityContext.run(ann, () => wait(1))
      expect(sub()).to.equal(undefined)
      expect(() => SecurityContext.run(ann, () => SecurityContext.requireRole('x'))).to.throw()
      expect(sub()).to.equal(undefined)
    })

    it('can be run in one another', async () => {
      const [ann, bob] = await Promise.all([principal('ann'), principal('bob')])
      SecurityContext.run(ann, () => {
        expect(SecurityContext.run(bob, sub)).to.equal('bob')
        expect(SecurityContext.run(undefined, sub)).to.equal(undefined)
        expect(sub()).to.equal('ann')
      })
    })

    it('reaches through awaits, timers, streams, microtasks and Promise.all', async () => {
      await SecurityContext.run(await principal('ann'), async () => {
        const seen: unknown[] = [sub()]
        await tick()
        seen.push(sub())
        await new Promise<void>((resolve) =>
          setTimeout(() => {
            seen.push(sub())
            process.nextTick(() => {
              seen.push(sub())
              queueMicrotask(() => resolve())
            })
          }, 1),
        )
        for await (const _chunk of Readable.from(['a', 'b'])) seen.push(sub())
        seen.push(...(await Promise.all([1, 2, 3].map(async (ms) => wait(ms).then(sub)))))
        expect(new Set(seen)).to.deep.equal(new Set(['ann']))
        expect(seen).to.have.length(9)
      })
    })

    it('never shows in another one that runs at the same time', async () => {
      const callers = await Promise.all(Array.from({ length: 50 }, (_, i) => principal(`caller-${i}`)))
      const seen = await Promise.all(
        Array.from({ length: 200 }, (_, i) =>
          SecurityContext.run(callers[i % 50], async () => {
            const subs = [sub()]
            for (let n = 0; n < 5; n++) {
              await wait((i * 7 + n) % 4)
              subs.push(sub())
            }
            return new Set(subs)
          }),
        ),
      )
      expect(seen.map((subs) => [...subs])).to.deep.equal(Array.from({ length: 200 }, (_, i) => [`caller-${i % 50}`]))
    })
  })

  describe('bound to a callback', () => {
    it('takes the caller along to wherever it is called', async () => {
      const emitter = new EventEmitter()
      const seen: unknown[] = []
      SecurityContext.run(await principal('ann'), () => {
        emitter.on(
          'bound',
          SecurityContext.bind(() => seen.push(sub())),
        )
        emitter.on('unbound', () => seen.push(sub()))
      })
      emitter.emit('bound')
      emitter.emit('unbound')
      SecurityContext.run(await principal('bob'), () => emitter.emit('bound'))
      expect(seen).to.deep.equal(['ann', undefined, 'ann'])
    })

    it('takes nobody along where nobody is signed in', async () => {
      const bound = SecurityContext.bind(sub)
      expect(SecurityContext.run(await principal('bob'), bound)).to.equal(undefined)
    })

    it('keeps this, the arguments, the result and the error', async () => {
      const service = {
        name: 'tasks',
        describe: SecurityContext.run(await principal('ann'), () =>
          SecurityContext.bind(function (this: { name: string }, a: number, b: string) {
            return [this.name, a, b, sub()]
          }),
        ),
        fail: SecurityContext.bind(() => {
          throw new RangeError('boom')
        }),
      }
      expect(service.describe(1, 'x')).to.deep.equal(['tasks', 1, 'x', 'ann'])
      expect(() => service.fail()).to.throw(RangeError, 'boom')
    })

    it('outlives the lifetime it was bound in', async () => {
      const lifetime = { isOver: false }
      const [bound, unbound] = runInScope({ principal: await principal('ann'), enforced: true, lifetime }, () => [
        SecurityContext.bind(sub),
        AsyncResource.bind(sub),
      ])
      expect([bound(), unbound()]).to.deep.equal(['ann', 'ann'])
      lifetime.isOver = true
      expect([bound(), unbound()]).to.deep.equal(['ann', undefined])
    })

    it('takes nobody along once the lifetime is over', async () => {
      const lifetime = { isOver: true }
      const bound = runInScope({ principal: await principal('ann'), enforced: true, lifetime }, () =>
        SecurityContext.bind(sub),
      )
      expect(bound()).to.equal(undefined)
    })
  })

  describe('of a request', () => {
    for (const isOver of [false, true]) {
      it(isOver ? 'is gone with it' : 'lasts as long', async () => {
        runInScope({ principal: await principal('ann'), enforced: true, lifetime: { isOver } }, () => {
          expect(sub()).to.equal(isOver ? undefined : 'ann')
          expect(currentScope() === undefined).to.equal(isOver)
          if (isOver) expect(() => SecurityContext.require()).to.throw(MissingTokenError)
        })
      })
    }

    for (const { what, end, abort } of [
      { what: 'sent', end: (response: ServerResponse) => response.end('done'), abort: false },
      { what: 'given up by the server', end: (response: ServerResponse) => response.destroy(), abort: false },
      { what: 'given up by the client', end: () => undefined, abort: true },
    ]) {
      it(`ends for work that goes on after the response is ${what}`, async () => {
        const ann = await principal('ann')
        const seen: unknown[] = []
        let response: ServerResponse | undefined
        const server = createServer((request, answer) => {
          response = answer
          const scope = new RequestScope(ann, true, undefined, new Koa().createContext(request, answer))
          scope.settle()
          runInScope(scope, async () => {
            seen.push(sub())
            end(answer)
            await eventually(() => answer.closed, 'the end of the response')
            seen.push(sub())
          })
        }).listen(0, '127.0.0.1')
        try {
          await once(server, 'listening')
          const request = get({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', agent: false })
          request.on('error', () => undefined).on('response', (message) => message.resume())
          await eventually(() => response !== undefined, 'the request')
          if (abort) request.destroy()
          await eventually(() => seen.length === 2, 'the work')
          expect(seen).to.deep.equal(['ann', undefined])
        } finally {
          server.closeAllConnections()
          server.close()
        }
      })
    }
  })

  describe('where nothing is enforced', () => {
    const unenforced = { principal: undefined, enforced: false }

    it('requires nothing, and still knows nobody', () => {
      runInScope(unenforced, () => {
        expect(() => SecurityContext.requireRole('admin')).not.to.throw()
        expect(SecurityContext.hasRole('admin')).to.equal(false)
        expect(SecurityContext.require()).to.include({ sub: '', email: '' }).and.be.frozen
        expect(SecurityContext.get()).to.equal(undefined)
        expect(SecurityContext.isAuthenticated()).to.equal(false)
      })
    })

    it('stays so in run and in bind', () => {
      const bound = runInScope(unenforced, () => {
        expect(() => SecurityContext.run(undefined, () => SecurityContext.requireRole('admin'))).not.to.throw()
        return SecurityContext.bind(() => SecurityContext.requireRole('admin'))
      })
      expect(bound).not.to.throw()
    })

    it('enforces again once it is over', () => {
      runInScope({ ...unenforced, lifetime: { isOver: true } }, () => {
        expect(() => SecurityContext.requireRole('admin')).to.throw(MissingTokenError)
      })
    })

    it('is not where a callback was bound outside', () => {
      const bound = SecurityContext.bind(() => SecurityContext.requireRole('admin'))
      expect(() => runInScope(unenforced, () => bound())).to.throw(MissingTokenError)
    })
  })
})
