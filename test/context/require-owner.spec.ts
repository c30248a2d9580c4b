import { expect } from 'chai'
import {
  Controller,
  type DeniedEvent,
  Get,
  InsufficientPermissionsError,
  MissingTokenError,
  NotFoundError,
  onAuthEvent,
  Param,
  type Principal,
  SecurityContext,
} from 'inversify-koa-auth'
import { after, before, describe, it } from 'mocha'
import { aPrincipal } from '../support/a-principal.js'
import { expectProblem, NO_TOKEN } from '../support/expect-problem.js'
import { kit, type RunningApp, startApp } from '../support/start-app.js'

const as = (roles: readonly string[], work: () => void, sub = 'ann') =>
  SecurityContext.run(aPrincipal({ sub, roles }), work)

describe('ownership', () => {
  it('lets the owner go on', () => {
    as([], () => SecurityContext.requireOwner('ann'))
    as([], () => SecurityContext.requireOwner('ann', { hide: true, unlessRole: 'admin' }))
  })

  for (const owner of ['bob', 'Ann', 'an', 'ann ', '', undefined, null, 5, ['ann'], { toString: () => 'ann' }]) {
    it(`is not the caller's of what belongs to ${JSON.stringify(owner)}`, () => {
      as([], () => {
        expect(() => SecurityContext.requireOwner(owner as string))
          .to.throw(InsufficientPermissionsError, 'Resource does not belong to the current user')
          .with.property('missing')
          .that.deep.equals({ ownership: true })
        expect(() => SecurityContext.requireOwner(owner as string, { hide: true })).to.throw(NotFoundError, 'Not Found')
      })
    })
  }

  it('is nothing that callers without a subject share', () => {
    as([], () => expect(() => SecurityContext.requireOwner('')).to.throw(InsufficientPermissionsError), '')
  })

  for (const { unlessRole, roles, passes } of [
    { unlessRole: 'admin', roles: ['admin'], passes: true },
    { unlessRole: ['support', 'admin'], roles: ['support'], passes: true },
    { unlessRole: ['support', 'admin'], roles: ['supporter'], passes: false },
    { unlessRole: 'admin', roles: [], passes: false },
  ]) {
    it(`of another's ${passes ? 'may be set aside' : 'stays'} for [${roles}] unless ${unlessRole}`, () => {
      as(roles, () => {
        const require = () => SecurityContext.requireOwner('bob', { unlessRole })
        if (passes) expect(require).not.to.throw()
        else expect(require).to.throw(InsufficientPermissionsError)
      })
    })
  }

  for (const { issuer, owner = 'ann', roles = [], passes } of [
    { issuer: 'https://a.test', passes: true },
    { issuer: 'https://b.test', passes: false },
    { issuer: 'https://b.test', roles: ['admin'], passes: true },
    { issuer: 'https://a.test', owner: 'bob', passes: false },
    { issuer: 'https://a.test/', passes: false },
    { issuer: 'https://A.test', passes: false },
    { issuer: '', passes: false },
    { issuer: null, passes: false },
    { issuer: undefined, passes: false },
    { issuer: ['https://a.test'], passes: false },
  ]) {
    it(`is ${passes ? '' : 'not '}that of ann of https://a.test, roles [${roles}], for ${owner} of ${JSON.stringify(issuer)}`, () => {
      const options = { issuer: issuer as string, unlessRole: 'admin' }
      SecurityContext.run(aPrincipal({ sub: 'ann', issuer: 'https://a.test', roles }), () => {
        if (passes) return SecurityContext.requireOwner(owner, options)
        expect(() => SecurityContext.requireOwner(owner, options)).to.throw(InsufficientPermissionsError)
        expect(() => SecurityContext.requireOwner(owner, { ...options, hide: true })).to.throw(NotFoundError)
      })
    })
  }

  it('is nothing that callers without an issuer share', () => {
    as([], () =>
      expect(() => SecurityContext.requireOwner('ann', { issuer: '' })).to.throw(InsufficientPermissionsError),
    )
  })

  it('can not be set aside for roles that are none', () => {
    as(['admin'], () => {
      for (const unlessRole of [[], '', [''], [undefined]]) {
        const options = { unlessRole: unlessRole as string[] }
        expect(() => SecurityContext.requireOwner('ann', options)).to.throw(TypeError)
      }
    })
  })

  it('of a wrong kind does not compile', () => {
    const wrong = [
      // @ts-expect-error somebody's sub
      () => SecurityContext.requireOwner(),
      // @ts-expect-error a sub is a text
      () => SecurityContext.requireOwner(5),
      // @ts-expect-error which may be missing
      () => SecurityContext.requireOwner(undefined as string | undefined),
      // @ts-expect-error options, not a role
      () => SecurityContext.requireOwner('bob', 'admin'),
      // @ts-expect-error no such option
      () => SecurityContext.requireOwner('bob', { unlessRoles: ['clerk'] }),
      // @ts-expect-error an issuer that is given is a text
      () => SecurityContext.requireOwner('bob', { issuer: undefined }),
      // @ts-expect-error and only one
      () => SecurityContext.requireOwner('bob', { issuer: ['https://a.test'] }),
      // @ts-expect-error a role is a text
      () => SecurityContext.requireOwner('bob', { unlessRole: 5 }),
      // @ts-expect-error hidden or not
      () => SecurityContext.requireOwner('bob', { hide: 'yes' }),
    ]
    as(['clerk'], () => {
      for (const ask of wrong) expect(ask).to.throw(Error)
    })
  })

  it('wants somebody signed in first', () => {
    expect(() => SecurityContext.requireOwner('ann')).to.throw(MissingTokenError)
  })

  it('leaves a refusal in the audit trail, hidden or not', () => {
    const denied: DeniedEvent[] = []
    const stop = onAuthEvent('denied', (event) => denied.push(event))
    as(['clerk'], () => {
      expect(() => SecurityContext.requireOwner('bob', { hide: true })).to.throw(NotFoundError)
    })
    stop()
    expect(denied).to.deep.equal([{ subject: 'ann', roles: ['clerk'], missing: { ownership: true }, route: undefined }])
  })
})

const OWNERS: Readonly<Record<string, string>> = { 1: 'ann', 2: 'bob' }

@Controller('/orders')
class OrderController {
  @Get('/:id') read(@Param('id') id: string) {
    return ownOrder(id, false)
  }

  @Get('/:id/hidden') hidden(@Param('id') id: string) {
    return ownOrder(id, true)
  }

  @Get('/:id/kept') keep() {
    kept.push(SecurityContext.principal() as Principal)
  }
}

const kept: Principal[] = []

/** Domain code that knows nothing of requests. */
function ownOrder(id: string, hide: boolean): { readonly id: string } {
  const owner = OWNERS[id]
  if (owner === undefined) throw new NotFoundError()
  SecurityContext.requireOwner(owner, { unlessRole: 'admin', hide })
  return { id }
}

function greeting({ claims, roles }: Principal): string {
  return `${claims.sub} as ${roles.join(' and ')} of ${claims.groups.join(' and ')}`
}

describe('ownership over HTTP', () => {
  let app: RunningApp
  before(async () => {
    app = await startApp({ controllers: [OrderController], settings: { roleHierarchy: { chief: ['admin'] } } })
  })
  after(() => app.stop())

  const get = async (path: string, roles: readonly string[] = []) =>
    app.get(path, { token: await kit.makeToken({ sub: 'ann', roles }) })

  it('is asked of the caller of the request', async () => {
    expect((await get('/orders/1')).status).to.equal(200)
    expect((await get('/orders/2', ['admin'])).status).to.equal(200)
    expect((await get('/orders/2', ['chief'])).status).to.equal(200)
    const problem = await expectProblem(await get('/orders/2'), {
      status: 403,
      detail: 'Resource does not belong to the current user',
      challenge: 'Bearer error="insufficient_scope"',
    })
    expect(problem['missing']).to.deep.equal({ ownership: true })
    await expectProblem(await app.get('/orders/2'), NO_TOKEN)
  })

  it('that is hidden looks like nothing there at all', async () => {
    const [hidden, absent] = [await get('/orders/2/hidden'), await get('/orders/3/hidden')]
    const headers = (response: Response) =>
      Object.fromEntries([...response.headers].filter(([name]) => name !== 'date'))
    expect(headers(hidden)).to.deep.equal(headers(absent))
    const problem = await expectProblem(hidden, { status: 404, detail: 'Not Found', code: 'not_found' })
    expect(problem).to.deep.equal(await absent.json())
  })
})

describe('a principal', () => {
  it('that domain code was handed works after its request is over', async () => {
    const app = await startApp({ controllers: [OrderController] })
    try {
      const token = await kit.makeToken({ sub: 'ann', roles: ['clerk'], groups: ['ops'] })
      expect((await app.get('/orders/1/kept', { token })).status).to.equal(204)
    } finally {
      await app.stop()
    }
    expect(kept.map(greeting)).to.deep.equal(['ann as clerk of ops'])
    expect(kept[0]).to.be.frozen
  })
})
