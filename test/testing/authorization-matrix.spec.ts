import Router from '@koa/router'
import { expect } from 'chai'
import type { Container } from 'inversify'
import {
  AllowAnonymous,
  AuthClientSettings,
  AuthConfigurationError,
  allOf,
  anyOf,
  Controller,
  Get,
  group,
  KoaConfigurer,
  not,
  OptionalAuthentication,
  Post,
  type Principal,
  Principals,
  policy,
  Requires,
  RequiresAgentScope,
  RequiresPermission,
  RequiresRole,
  RequiresScope,
  RoleResolver,
  role,
  scope,
} from 'inversify-koa-auth'
import { authorizationMatrix, describeMatrix, type MatrixOutcome } from 'inversify-koa-auth/testing'
import Koa from 'koa'
import { describe, it } from 'mocha'
import { serviceResolver } from '../../src/http/service-resolver.js'
import { rejection } from '../keys/rejection.js'
import { type AppOptions, kit, loadContainer, serve } from '../support/start-app.js'

let handled = 0

class OpenHours {
  permits(): boolean {
    return false
  }
}

@Controller('/orders')
class OrderController {
  @Get() list() {
    handled++
  }

  @Get('/health')
  @AllowAnonymous()
  health() {
    handled++
  }

  @Get('/teaser')
  @OptionalAuthentication()
  teaser() {
    handled++
  }

  @Post()
  @RequiresScope('orders:write')
  @RequiresRole('clerk', 'manager')
  @RequiresPermission('create')
  create() {
    handled++
  }

  @Post('/:id/refund{/:part}')
  @Requires(anyOf(role('admin'), allOf(scope('orders:write'), group('ops'), not(role('trainee')))))
  refund() {
    handled++
  }

  @Get('/night')
  @RequiresRole('clerk')
  @Requires(policy(OpenHours))
  night() {
    handled++
  }

  @Post('/by-agent')
  @RequiresAgentScope('orders:write')
  @RequiresAgentScope('orders:pay', 'pay')
  byAgent() {
    handled++
  }
}

@Controller('/plain')
class PlainController {
  @Get('/open')
  @AllowAnonymous()
  open() {
    handled++
  }

  @Get('/closed')
  @RequiresRole('admin')
  closed() {
    handled++
  }
}

/** Roles in which the guards' own decision finds any, whatever they are. */
class Lenient extends Array<string> {
  override includes(): boolean {
    return true
  }
}

class Careless extends Principals {
  override make(...args: Parameters<Principals['make']>): Principal | Promise<Principal> {
    const made = super.make(...args) as Principal
    return { ...made, roles: Lenient.from(made.roles) }
  }
}

function container(options: AppOptions = {}): Container {
  const bind = (to: Container) => {
    to.bind(OpenHours).toSelf()
    options.bind?.(to)
  }
  const made = loadContainer({ controllers: [OrderController], ...options, bind })
  kit.install(made)
  return made
}

describe('the authorization matrix', () => {
  it('finds that every route holds its rule, and runs no handler', async () => {
    handled = 0
    const matrix = await authorizationMatrix(container(), { kit })
    matrix.assertAsExpected()
    expect(matrix.failures).to.deep.equal([])
    expect(handled).to.equal(0)
    const at = (route: string, caller: string) =>
      matrix.rows.filter((row) => row.route === route && row.caller === caller).map(({ actual }) => actual)
    expect(at('GET /orders/health', 'forged')).to.deep.equal(['allowed'])
    expect(at('GET /orders/teaser', 'nobody')).to.deep.equal(['allowed'])
    expect(at('GET /orders/teaser', 'expired')).to.deep.equal([401])
    expect(at('GET /orders', 'wrong audience')).to.deep.equal([401])
    expect(at('GET /orders', 'a valid token')).to.deep.equal(['allowed'])
    expect(at('POST /orders', 'scope orders:write, role clerk')).to.deep.equal([])
    const whole = matrix.rows.filter(({ route, actual }) => route === 'POST /orders' && actual === 'allowed')
    expect(whole.length).to.be.greaterThan(1)
    expect(at('POST /orders/:id/refund{/:part}', 'role admin')).to.deep.equal(['allowed'])
    expect(at('POST /orders/:id/refund{/:part}', 'role trainee')).to.deep.equal([403])
    expect(at('POST /orders/by-agent', 'everything, and an agent with scope *')).to.deep.equal(['allowed'])
    expect(at('POST /orders/by-agent', 'everything, and an agent with scope pay')).to.deep.equal([403])
    expect(at('GET /orders/night', 'role clerk')).to.deep.equal([403])
    expect(
      matrix.rows.find(({ route, caller }) => route === 'GET /orders/night' && caller === 'role clerk')?.expected,
    ).to.deep.equal(['allowed', 403])
    expect(
      matrix.rows.find(({ route, caller }) => route === 'GET /orders/night' && caller === 'nobody')?.expected,
    ).to.deep.equal([401])
  })

  it('follows the hierarchy and the resolver of the application', async () => {
    const settings = { roleHierarchy: { owner: ['admin'] }, roleClaims: ['/realm.access/roles'] }
    const callers = { 'an owner': { roles: ['owner'] } }
    const ranked = await authorizationMatrix(container({ settings, controllers: [PlainController] }), { kit, callers })
    ranked.assertAsExpected()
    const actual = (caller: string) =>
      ranked.rows.find((row) => row.route === 'GET /plain/closed' && row.caller === caller)?.actual
    expect(['role admin', 'an owner', 'a valid token'].map(actual)).to.deep.equal(['allowed', 'allowed', 403])
    const bind = (to: Container) => {
      to.bind(RoleResolver).toConstantValue({ resolve: async () => ['admin'] })
    }
    const matrix = await authorizationMatrix(container({ bind, controllers: [PlainController] }), { kit })
    matrix.assertAsExpected()
    const closed = matrix.rows.find(({ route, caller }) => route === 'GET /plain/closed' && caller === 'a valid token')
    expect(closed?.actual).to.equal('allowed')
  })

  it('refuses an application that is built already, whose handlers would run', async () => {
    const built = container({ controllers: [PlainController] })
    built.get<Koa>(Koa)
    await expectRejection(authorizationMatrix(built, { kit }), 'has made its router already')
  })

  it('catches a router whose guards are gone', async () => {
    const broken = container({ controllers: [PlainController] })
    broken.onActivation(Router, (_context, router) => {
      for (const layer of router.stack) layer.stack = layer.stack.slice(1)
      return router
    })
    const { failures } = await authorizationMatrix(broken, { kit })
    expect(failures.map(({ route, caller, actual }) => `${route} ${caller} ${actual}`)).to.deep.equal(
      ['nobody', 'expired', 'wrong audience', 'forged', 'a valid token'].map(
        (caller) => `GET /plain/closed ${caller} allowed`,
      ),
    )
  })

  it('catches routes that let everybody in, or nobody', async () => {
    const bind = (to: Container) => {
      // What an application might do by mistake: credentials of its own, put where everybody's would be.
      const token = kit.makeToken({ sub: 'service', roles: ['admin'] })
      to.bind(KoaConfigurer).toConstantValue({
        configure: (app) => {
          app.use(async (ctx, next) => {
            if (ctx.path === '/plain/closed') ctx.req.headers.authorization = `Bearer ${await token}`
            await next()
          })
        },
      })
    }
    const matrix = await authorizationMatrix(container({ bind, controllers: [PlainController] }), { kit })
    expect(matrix.failures.map(({ route, caller, actual }) => `${route} ${caller} ${actual}`)).to.deep.equal([
      'GET /plain/closed nobody allowed',
      'GET /plain/closed expired allowed',
      'GET /plain/closed wrong audience allowed',
      'GET /plain/closed forged allowed',
      'GET /plain/closed a valid token allowed',
    ])
    expect(() => matrix.assertAsExpected()).to.throw(
      Error,
      [
        '5 of 12 calls are not as expected:',
        '   ROUTE              CALLER          EXPECTED  ACTUAL',
        '!  GET /plain/closed  nobody          401       allowed',
        '!  GET /plain/closed  expired         401       allowed',
        '!  GET /plain/closed  wrong audience  401       allowed',
        '!  GET /plain/closed  forged          401       allowed',
        '!  GET /plain/closed  a valid token   403       allowed',
      ].join('\n'),
    )
  })

  it('catches a decision that says yes to everybody', async () => {
    const broken = container({ controllers: [PlainController] })
    const settings = broken.get<AuthClientSettings>(AuthClientSettings)
    broken.rebind(Principals).toConstantValue(new Careless(serviceResolver(broken, RoleResolver), settings))
    const { failures } = await authorizationMatrix(broken, { kit })
    expect(failures.map(({ route, caller, expected, actual }) => ({ route, caller, expected, actual }))).to.deep.equal([
      { route: 'GET /plain/closed', caller: 'a valid token', expected: [403], actual: 'allowed' },
    ])
  })

  it('has somebody who has all that a rule asks for, and nothing that it refuses', async () => {
    @Controller('/lists')
    class ListController {
      @Get()
      @Requires(allOf(role('reader'), group('staff'), not(role('guest', 'banned')), not(scope('limited'))))
      list() {}
    }
    const matrix = await authorizationMatrix(container({ controllers: [ListController] }), { kit })
    matrix.assertAsExpected()
    const allowed = matrix.rows.filter(({ actual }) => actual === 'allowed').map(({ caller }) => caller)
    expect(allowed).to.deep.equal(['role reader, group staff'])
  })

  it('is a table', async () => {
    const matrix = await authorizationMatrix(container({ controllers: [PlainController] }), { kit })
    expect(describeMatrix(matrix).split('\n').slice(0, 4)).to.deep.equal([
      '  ROUTE              CALLER          EXPECTED  ACTUAL',
      '  GET /plain/open    nobody          allowed   allowed',
      '  GET /plain/open    expired         allowed   allowed',
      '  GET /plain/open    wrong audience  allowed   allowed',
    ])
  })

  it('asks for the paths it is told', async () => {
    const seen: string[] = []
    const bind = (to: Container) => {
      to.bind(KoaConfigurer).toConstantValue({
        configure: (app) => {
          app.use((ctx, next) => {
            seen.push(`${ctx.method} ${ctx.path}`)
            return next()
          })
        },
      })
    }
    const paths = { 'POST /orders/:id/refund{/:part}': '/orders/42/refund/all' }
    ;(await authorizationMatrix(container({ bind }), { kit, paths })).assertAsExpected()
    expect(seen).to.include('POST /orders/42/refund/all')
    expect(seen).not.to.include('POST /orders/1/refund')
  })

  it('has callers of the application, and expects what it is told to', async () => {
    const outcomes = async (overrides: Readonly<Record<string, Readonly<Record<string, MatrixOutcome>>>>) => {
      const callers = { 'ann at night': { sub: 'ann', roles: ['clerk'] }, bob: { sub: 'bob' } }
      const { rows } = await authorizationMatrix(container(), { kit, callers, overrides })
      const own = rows.filter(({ route, caller }) => route === 'GET /orders/night' && caller in callers)
      return own.map(({ caller, expected, actual, isAsExpected }) => ({ caller, expected, actual, isAsExpected }))
    }
    expect(await outcomes({})).to.deep.equal([
      { caller: 'ann at night', expected: ['allowed', 403], actual: 403, isAsExpected: true },
      { caller: 'bob', expected: [403], actual: 403, isAsExpected: true },
    ])
    expect(await outcomes({ 'GET /orders/night': { 'ann at night': 'allowed', bob: 403 } })).to.deep.equal([
      { caller: 'ann at night', expected: ['allowed'], actual: 403, isAsExpected: false },
      { caller: 'bob', expected: [403], actual: 403, isAsExpected: true },
    ])
  })

  for (const { what, options, says } of [
    {
      what: 'path',
      options: { paths: { 'GET /nowhere': '/' } },
      says: 'there is no route GET /nowhere; there are GET /',
    },
    {
      what: 'route',
      options: { overrides: { 'GET /nowhere': { nobody: 401 as const } } },
      says: 'there is no route GET /nowhere; there are GET /',
    },
    {
      what: 'route out of reach',
      options: { outOfReach: ['GET /nowhere'] },
      says: 'there is no route GET /nowhere; there are GET /',
    },
    {
      what: 'caller',
      options: { overrides: { 'GET /orders': { somebody: 401 as const } } },
      says: 'there is no caller "somebody"; there are nobody; expired; ',
    },
    { what: 'namesake', options: { callers: { nobody: {} } }, says: 'there is another caller "nobody" already' },
  ]) {
    it(`knows what it is told about: ${what}`, async () => {
      expect((await rejection(authorizationMatrix(container(), { kit, ...options }), TypeError)).message).to.contain(
        says,
      )
    })
  }

  it('leaves handlers alone for everybody else', async () => {
    const made = container({ controllers: [PlainController] })
    await authorizationMatrix(made, { kit })
    handled = 0
    const app = await serve(made.get<Koa>(Koa), made)
    try {
      const headers = { 'x-authorization-matrix': 'guessed' }
      expect((await app.get('/plain/open', { headers })).status).to.equal(204)
      expect(handled).to.equal(1)
    } finally {
      await app.stop()
    }
  })
})

async function expectRejection(promise: Promise<unknown>, message: string): Promise<void> {
  const outcome = await promise.then(
    () => undefined,
    (error: unknown) => error,
  )
  expect(outcome).to.be.instanceOf(AuthConfigurationError).with.property('message').that.contains(message)
}
