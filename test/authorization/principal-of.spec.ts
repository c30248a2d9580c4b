import { setTimeout as wait } from 'node:timers/promises'
import { inspect } from 'node:util'
import { expect } from 'chai'
import { describe, it } from 'mocha'
import { ClaimRoleResolver } from '../../src/authorization/claim-role-resolver.js'
import type { Principal } from '../../src/authorization/principal.js'
import { principalOf } from '../../src/authorization/principal-of.js'
import { RoleHierarchy } from '../../src/authorization/role-hierarchy.js'
import type { RoleResolver } from '../../src/authorization/role-resolver.js'
import { DecisionUnavailableError } from '../../src/errors/decision-unavailable-error.js'
import { onAuthEvent } from '../../src/events/auth-event.js'
import type { DecisionFailedEvent } from '../../src/events/auth-event-types.js'
import { verifiedToken } from '../../src/tokens/verified-token.js'
import { rejection } from '../keys/rejection.js'

const token = verifiedToken({ alg: 'RS256' }, { sub: 'ann', dept: 7 })

const NO_LISTS = [undefined, null, 'admin', 5, true, { admin: true }, new Set(['admin'])]
const NO_ROLES = [undefined, null, '', 5, true, { name: 'admin' }, ['admin'], Symbol('admin'), new String('admin')]
const giving = (roles: unknown): RoleResolver => ({ resolve: () => roles as readonly string[] })

describe('the principal of a verified token', () => {
  it('has the claims, and the roles that the resolver makes of them', async () => {
    const resolver: RoleResolver = { resolve: ({ sub }, { dept }) => [`${sub}-${dept}`] as readonly string[] }
    expect(await principalOf(token, resolver)).to.deep.equal({
      claims: token.claims,
      rawClaims: token.rawClaims,
      roles: ['ann-7'],
      scopeWildcards: false,
    })
  })

  it('waits for the resolver', async () => {
    const { roles } = await principalOf(token, { resolve: () => Promise.resolve(['late']) })
    expect(roles).to.deep.equal(['late'])
  })

  it('is frozen, and leaves the list of the resolver alone', async () => {
    const roles = ['a']
    const principal = await principalOf(token, giving(roles))
    expect(principal).to.be.frozen
    expect(principal.roles).to.be.frozen.and.not.equal(roles)
    roles.push('b')
    expect(principal.roles).to.deep.equal(['a'])
  })

  it('is the same for the same roles, and another one as soon as they differ', async () => {
    const holder = verifiedToken({ alg: 'RS256' }, { sub: 'bob' })
    const one = await principalOf(holder, giving(['a', 'b']))
    expect(await principalOf(holder, giving(['a', 'b']))).to.equal(one)
    for (const roles of [['a'], ['a', 'b', 'c'], ['a', 'c'], ['b', 'a'], []]) {
      await principalOf(holder, giving(['a', 'b']))
      expect((await principalOf(holder, giving(roles))).roles).to.deep.equal(roles)
    }
  })

  it('is not the one of last time for a list that only begins like it', async () => {
    const holder = verifiedToken({ alg: 'RS256' }, { sub: 'cem' })
    for (const roles of [['a', 5], [5], [{ name: 'a' }]]) {
      await principalOf(holder, giving(['a']))
      await rejection(Promise.resolve(principalOf(holder, giving(roles))), DecisionUnavailableError)
    }
    expect((await principalOf(holder, giving(['a']))).roles).to.deep.equal(['a'])
  })

  it('is the same as before, for the same roles', () => {
    const resolver = giving(['a', 'b'])
    const first = principalOf(token, resolver)
    expect(principalOf(token, giving(['a', 'b']))).to.equal(first)
    expect(principalOf(token, giving(['b', 'a']))).not.to.equal(first)
  })

  it('reads the claims of a token for roles once', () => {
    let reads = 0
    const payload = {
      get role() {
        reads++
        return 'user'
      },
    }
    const holder = verifiedToken({ alg: 'RS256' }, payload)
    const resolver = new ClaimRoleResolver(['role'])
    expect(rolesBy(holder, resolver)).to.deep.equal(['user'])
    const before = reads
    expect(rolesBy(holder, resolver)).to.deep.equal(['user'])
    expect(reads).to.equal(before)
    expect(rolesBy(holder, new ClaimRoleResolver(['role']))).to.deep.equal(['user'])
    expect(reads).to.be.above(before)
  })

  it('has the roles of the resolver that is asked, whichever was before', () => {
    const holder = verifiedToken({ alg: 'RS256' }, { sub: 'dee', role: 'user' })
    const ofClaims = new ClaimRoleResolver(['role'])
    let roles = ['guest']
    const ofToday: RoleResolver = { resolve: () => roles }
    expect(rolesBy(holder, ofClaims)).to.deep.equal(['user'])
    expect(rolesBy(holder, new ClaimRoleResolver(['rank']))).to.deep.equal([])
    expect(rolesBy(holder, ofClaims)).to.deep.equal(['user'])
    expect(rolesBy(holder, ofToday)).to.deep.equal(['guest'])
    roles = ['admin']
    expect(rolesBy(holder, ofToday)).to.deep.equal(['admin'])
    expect(rolesBy(holder, ofClaims)).to.deep.equal(['user'])
  })

  it('asks each time what merely began as one that only reads claims', () => {
    class Demoting extends ClaimRoleResolver {
      isDemoted = false
      override resolve(...args: Parameters<ClaimRoleResolver['resolve']>) {
        return this.isDemoted ? [] : super.resolve(...args)
      }
    }
    const demoting = new Demoting(['role'])
    const patched = new ClaimRoleResolver(['role'])
    const holders = [demoting, patched].map((resolver) => ({
      resolver,
      holder: verifiedToken({ alg: 'RS256' }, { sub: 'eve', role: 'admin' }),
    }))
    for (const { holder, resolver } of holders) expect(rolesBy(holder, resolver)).to.deep.equal(['admin'])
    demoting.isDemoted = true
    patched.resolve = () => []
    for (const { holder, resolver } of holders) expect(rolesBy(holder, resolver)).to.deep.equal([])
  })

  describe('that a resolver has made which merely became one that only reads claims', () => {
    for (const given of [['admin'], []]) {
      it(`is not kept, neither with more roles nor with fewer: ${given.length}`, () => {
        const holder = verifiedToken({ alg: 'RS256' }, { sub: 'ina', role: 'user' })
        const resolver: RoleResolver = new ClaimRoleResolver(['role'])
        resolver.resolve = () => given
        expect(rolesBy(holder, resolver)).to.deep.equal(given)
        Reflect.deleteProperty(resolver, 'resolve')
        expect(rolesBy(holder, resolver)).to.deep.equal(['user'])
      })
    }

    it('is not kept when it is late', async () => {
      const holder = verifiedToken({ alg: 'RS256' }, { sub: 'jan', role: 'user' })
      const resolver: RoleResolver = new ClaimRoleResolver(['role'])
      resolver.resolve = async () => ['admin']
      const late = principalOf(holder, resolver)
      Reflect.deleteProperty(resolver, 'resolve')
      expect(rolesBy(holder, resolver)).to.deep.equal(['user'])
      expect((await late).roles).to.deep.equal(['admin'])
      expect(rolesBy(holder, resolver)).to.deep.equal(['user'])
    })

    it('is not kept when what it resolves with depends on the moment', () => {
      const holder = verifiedToken({ alg: 'RS256' }, { sub: 'kim', role: 'user' })
      const moments: readonly RoleResolver['resolve'][] = [() => ['admin'], ClaimRoleResolver.prototype.resolve]
      let moment = 0
      class BreakingGlass extends ClaimRoleResolver {}
      Object.defineProperty(BreakingGlass.prototype, 'resolve', { get: () => moments[moment++] })
      const resolver = new BreakingGlass(['role'])
      expect(rolesBy(holder, resolver)).to.deep.equal(['admin'])
      expect(rolesBy(holder, resolver)).to.deep.equal(['user'])
    })
  })

  it('is made anew where another container has other rules', () => {
    const holder = verifiedToken({ alg: 'RS256' }, { sub: 'gil', role: 'manager' })
    const usual = { hierarchy: new RoleHierarchy({}), scopeWildcards: false, decisionTimeoutMs: 1000 }
    const promoting = { ...usual, hierarchy: new RoleHierarchy({ manager: ['admin'] }) }
    for (const resolver of [new ClaimRoleResolver(['role']), giving(['manager'])]) {
      const rolesUnder = (rules: typeof usual) => rolesBy(holder, resolver, rules)
      for (const _ of [1, 2]) {
        expect(rolesUnder(promoting)).to.deep.equal(['manager', 'admin'])
        expect(rolesUnder(usual)).to.deep.equal(['manager'])
      }
      const { scopeWildcards } = principalOf(holder, resolver, { ...usual, scopeWildcards: true }) as Principal
      expect(scopeWildcards).to.equal(true)
      expect((principalOf(holder, resolver, usual) as Principal).scopeWildcards).to.equal(false)
    }
  })

  it('is not there where the resolver that made it has broken since', () => {
    const holder = verifiedToken({ alg: 'RS256' }, { sub: 'flo' })
    let isBroken = false
    const breaking: RoleResolver = {
      get resolve() {
        if (isBroken) throw new Error('broken')
        return () => ['user']
      },
    }
    expect(rolesBy(holder, breaking)).to.deep.equal(['user'])
    isBroken = true
    expect(() => principalOf(holder, breaking)).to.throw(DecisionUnavailableError)
    expect(() => principalOf(verifiedToken({ alg: 'RS256' }, {}), undefined as never)).to.throw(
      DecisionUnavailableError,
    )
    expect(() => principalOf(holder, undefined as never)).to.throw(DecisionUnavailableError)
  })

  describe('with a hierarchy', () => {
    const hierarchy = new RoleHierarchy({ admin: ['manager'], manager: ['user'] })
    const rules = { hierarchy, scopeWildcards: false, decisionTimeoutMs: 1000 }

    it('has the roles that come with what the resolver gives, and each once', () => {
      const { roles } = principalOf(token, giving(['manager', 'admin', 'other']), rules) as Principal
      expect(roles).to.deep.equal(['manager', 'admin', 'other', 'user'])
      expect(roles).to.be.frozen
    })

    it('is the same as before for the same roles, and another one once they change', () => {
      const senior = principalOf(token, giving(['admin']), rules)
      expect(principalOf(token, giving(['admin']), rules)).to.equal(senior)
      const junior = principalOf(token, giving(['user']), rules) as Principal
      expect(junior.roles).to.deep.equal(['user'])
      expect(principalOf(token, giving(['admin']), rules)).to.deep.equal(senior)
    })

    it('has them too when the resolver takes its time', async () => {
      const { roles } = await principalOf(token, giving(Promise.resolve(['admin'])), rules)
      expect(roles).to.deep.equal(['admin', 'manager', 'user'])
    })
  })

  it('says whether scopes have wildcards, where they have', async () => {
    const rules = { hierarchy: new RoleHierarchy({}), scopeWildcards: true, decisionTimeoutMs: 1000 }
    const fresh = () => verifiedToken({ alg: 'RS256' }, { sub: 'ann' })
    expect(await principalOf(fresh(), giving([]), rules)).to.have.property('scopeWildcards', true)
    expect(await principalOf(fresh(), giving([]), { ...rules, scopeWildcards: false })).to.have.property(
      'scopeWildcards',
      false,
    )
  })

  describe('is nobody, and the application told why, when the resolver', () => {
    class DatabaseRoles implements RoleResolver {
      constructor(private readonly answer: () => unknown) {}

      resolve(): readonly string[] {
        return this.answer() as readonly string[]
      }
    }
    const boom = new RangeError('database down')
    const rules = { hierarchy: new RoleHierarchy({}), scopeWildcards: false, decisionTimeoutMs: 20 }

    for (const { what, answer, reason } of [
      ...[...NO_LISTS, ...NO_ROLES.map((it) => ['admin', it]), [5, 'admin'], new Array(1)].flatMap((value) => [
        { what: `returns ${shown(value)}`, answer: () => value, reason: 'wrong_type' },
        { what: `answers later with ${shown(value)}`, answer: async () => value, reason: 'wrong_type' },
      ]),
      {
        what: 'throws',
        answer: () => {
          throw boom
        },
        reason: 'threw',
      },
      { what: 'returns a list that can not be read', answer: () => unreadable(boom), reason: 'threw' },
      { what: 'answers later with a list that can not be read', answer: async () => unreadable(boom), reason: 'threw' },
      { what: 'rejects', answer: () => Promise.reject(boom), reason: 'threw' },
      { what: 'never answers', answer: () => new Promise(() => undefined), reason: 'timed_out' },
      { what: 'answers too late', answer: () => wait(60, ['admin']), reason: 'timed_out' },
      { what: 'fails too late', answer: () => wait(40).then(() => Promise.reject(boom)), reason: 'timed_out' },
    ]) {
      it(what, async () => {
        const events: DecisionFailedEvent[] = []
        const stop = onAuthEvent('decision:failed', (event) => events.push(event))
        try {
          const decided = async () => principalOf(token, new DatabaseRoles(answer), rules, 'GET /books')
          const error = await rejection(decided(), DecisionUnavailableError)
          expect(error).to.include({ status: 503, message: 'Authorization is temporarily unavailable' })
          const [event, ...others] = events
          expect(others).to.deep.equal([])
          const { error: cause, ...rest } = event as DecisionFailedEvent
          expect(rest).to.deep.equal({ source: 'role-resolver', name: 'DatabaseRoles', reason, route: 'GET /books' })
          expect(error.cause).to.equal(cause)
          if (reason === 'threw') expect(cause).to.equal(boom)
        } finally {
          stop()
        }
      })
    }

    for (const { resolver, name } of [
      { resolver: giving(undefined), name: 'RoleResolver' },
      { resolver: Object.assign(Object.create(null), { resolve: () => 5 }), name: 'RoleResolver' },
      { resolver: undefined, name: 'RoleResolver' },
      { resolver: new (class Named {})(), name: 'Named' },
    ]) {
      it(`is no class of its own, or no resolver at all: it is called ${name}`, async () => {
        const names: string[] = []
        const stop = onAuthEvent('decision:failed', (event) => names.push(event.name))
        try {
          const decided = async () => principalOf(token, resolver as RoleResolver, rules)
          await rejection(decided(), DecisionUnavailableError)
          expect(names).to.deep.equal([name])
        } finally {
          stop()
        }
      })
    }
  })
})

/** For resolvers that answer at once. */
function rolesBy(...asking: Parameters<typeof principalOf>): readonly string[] {
  return (principalOf(...asking) as Principal).roles
}

/** Passes for a list, until somebody looks. A promise asks for `then` first. */
function unreadable(error: Error): readonly string[] {
  return new Proxy<string[]>([], {
    get(_target, name) {
      if (name === 'then') return undefined
      throw error
    },
  })
}

function shown(value: unknown): string {
  return inspect(value, { breakLength: Number.POSITIVE_INFINITY })
}
