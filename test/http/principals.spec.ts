import { expect } from 'chai'
import { Container } from 'inversify'
import {
  AuthModule,
  type AuthModuleOptions,
  Controller,
  type DecisionFailedEvent,
  DecisionUnavailableError,
  Get,
  onAuthEvent,
  type Principal,
  Principals,
  RoleResolver,
  SecurityContext,
  TokenValidator,
} from 'inversify-koa-auth'
import { type TestClaims } from 'inversify-koa-auth/testing'
import { describe, it } from 'mocha'
import { rejection } from '../keys/rejection.js'
import { kit, startApp } from '../support/start-app.js'
import { unhandledRejections } from '../support/unhandled-rejections.js'

@Controller('/me')
class MeController {
  @Get()
  me() {
    return SecurityContext.principal()
  }
}

/** A container as an application without Koa has it: `AuthModule` and nothing else. */
function authOnly(settings: AuthModuleOptions = {}, bind?: (container: Container) => void): Container {
  const container = new Container()
  bind?.(container)
  container.load(new AuthModule({ ...kit.settings, env: {}, configFiles: [], ...settings }))
  kit.install(container)
  return container
}

async function principalOf(container: Container, claims: TestClaims): Promise<Principal> {
  return container.get(Principals).of(await container.get(TokenValidator).validate(await kit.makeToken(claims)))
}

describe('principals made of tokens outside of requests', () => {
  const admin: TestClaims = { sub: 'ann', roles: ['admin'], scope: 'orders:*' }
  const seen = () => ({
    sub: SecurityContext.require().sub,
    roles: SecurityContext.getRoles(),
    isUser: SecurityContext.hasRole('user'),
    mayRead: SecurityContext.hasScope('orders:read'),
  })

  for (const { what, settings, expected } of [
    {
      what: 'have the roles of the token',
      settings: {},
      expected: { roles: ['admin'], isUser: false, mayRead: false },
    },
    {
      what: 'have what role_hierarchy adds to them',
      settings: { roleHierarchy: { admin: ['user'] } },
      expected: { roles: ['admin', 'user'], isUser: true, mayRead: false },
    },
    {
      what: 'have what scope_wildcards make of their scopes',
      settings: { scopeWildcards: true },
      expected: { roles: ['admin'], isUser: false, mayRead: true },
    },
    {
      what: 'have the roles of a RoleResolver of the application, and what comes with them',
      settings: { roleHierarchy: { admin: ['user'] }, roleResolver: { resolve: async () => ['clerk', 'admin'] } },
      expected: { roles: ['clerk', 'admin', 'user'], isUser: true, mayRead: false },
    },
  ]) {
    it(what, async () => {
      const principal = await principalOf(authOnly(settings), admin)
      expect(SecurityContext.run(principal, seen)).to.deep.equal({ sub: 'ann', ...expected })
    })
  }

  it('are the ones that requests know', async () => {
    const settings = { roleHierarchy: { admin: ['user'] }, scopeWildcards: true }
    const app = await startApp({ controllers: [MeController], settings })
    try {
      const token = await kit.makeToken(admin)
      const principal = await app.container.get(Principals).of(await app.container.get(TokenValidator).validate(token))
      expect(principal).to.include({ scopeWildcards: true }).and.be.frozen
      expect(await (await app.get('/me', { token })).json()).to.deep.equal(JSON.parse(JSON.stringify(principal)))
    } finally {
      await app.stop()
    }
  })

  it('are made by one and the same, with the RoleResolver of the moment, which may be there later', async () => {
    const container = authOnly({}, (it) => {
      it.bind(RoleResolver).toDynamicValue(async () => ({ resolve: () => ['first'] }))
    })
    const principals = container.get(Principals)
    expect(container.get(Principals)).to.equal(principals)
    const verified = await container.get(TokenValidator).validate(await kit.makeToken(admin))
    expect((await principals.of(verified)).roles).to.deep.equal(['first'])
    container.rebind(RoleResolver).toConstantValue({ resolve: () => ['second'] })
    expect((await principals.of(verified)).roles).to.deep.equal(['second'])
  })

  describe('are nobody, and the application told why, when the RoleResolver', () => {
    const boom = new RangeError('database down')
    const never = () => new Promise<never>(() => undefined)
    for (const { what, resolver, reason } of [
      {
        what: 'throws',
        resolver: () => ({
          resolve: () => {
            throw boom
          },
        }),
        reason: 'threw',
      },
      { what: 'rejects', resolver: () => ({ resolve: () => Promise.reject(boom) }), reason: 'threw' },
      { what: 'hangs', resolver: () => ({ resolve: never }), reason: 'timed_out' },
      { what: 'answers with one role', resolver: () => ({ resolve: () => 'admin' }), reason: 'wrong_type' },
      {
        what: 'can not be had',
        resolver: () => {
          throw boom
        },
        reason: 'threw',
      },
      { what: 'never comes', resolver: never, reason: 'timed_out' },
    ]) {
      it(what, async () => {
        const container = authOnly({ decisionTimeoutMs: 30 }, (it) => {
          it.bind(RoleResolver).toDynamicValue(resolver as () => RoleResolver)
        })
        const verified = await container.get(TokenValidator).validate(await kit.makeToken(admin))
        const events: DecisionFailedEvent[] = []
        const stop = onAuthEvent('decision:failed', (event) => events.push(event))
        try {
          const unhandled = await unhandledRejections(async () => {
            const made = container.get(Principals).of(verified)
            expect(await rejection(made, DecisionUnavailableError)).to.include({ status: 503 })
          })
          expect(unhandled).to.deep.equal([])
        } finally {
          stop()
        }
        expect(events.map(({ error: _, ...event }) => event)).to.deep.equal([
          { source: 'role-resolver', name: 'RoleResolver', reason, route: undefined },
        ])
      })
    }
  })
})
