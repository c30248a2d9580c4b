import { setTimeout as wait } from 'node:timers/promises'
import { expect } from 'chai'
import { inject, injectable } from 'inversify'
import {
  AuthConfigurationError,
  AuthModule,
  Controller,
  Get,
  RequiresRole,
  RoleResolver,
  SecurityContext,
  type TokenClaims,
} from 'inversify-koa-auth'
import { describe, it } from 'mocha'
import { type AppOptions, kit, type RunningApp, startApp } from '../support/start-app.js'

@injectable()
class GrantRepository {
  readonly grants = new Map([['ann', ['auditor']]])

  async grantsOf(sub: string): Promise<readonly string[]> {
    await wait(1)
    return this.grants.get(sub) ?? []
  }
}

@injectable()
class GrantRoleResolver implements RoleResolver {
  constructor(@inject(GrantRepository) private readonly repository: GrantRepository) {}

  resolve({ sub }: TokenClaims): Promise<readonly string[]> {
    return this.repository.grantsOf(sub)
  }
}

@Controller('/books')
class BookController {
  @Get()
  @RequiresRole('auditor')
  audit() {
    return SecurityContext.getRoles()
  }
}

describe('a RoleResolver of your own', () => {
  it('replaces the default one: a class bound before, with a repository that answers later', async () => {
    const bind: AppOptions['bind'] = (container) => {
      container.bind(GrantRepository).toSelf().inSingletonScope()
      container.bind(RoleResolver).to(GrantRoleResolver)
    }
    await withApp({ bind }, async (app) => {
      const ann = await kit.makeToken({ sub: 'ann', roles: ['admin'] })
      const response = await app.get('/books', { token: ann })
      expect(await response.json()).to.deep.equal(['auditor'])
      const eve = await kit.makeToken({ sub: 'eve', roles: ['auditor'] })
      expect((await app.get('/books', { token: eve })).status).to.equal(403)
    })
  })

  it('is asked on every request: a role that is taken away is gone with the next one', async () => {
    const bind: AppOptions['bind'] = (container) => {
      container.bind(GrantRepository).toSelf().inSingletonScope()
      container.bind(RoleResolver).to(GrantRoleResolver)
    }
    await withApp({ bind }, async (app) => {
      const token = await kit.makeToken({ sub: 'ann' })
      const { grants } = app.container.get(GrantRepository)
      expect((await app.get('/books', { token })).status).to.equal(200)
      grants.delete('ann')
      expect((await app.get('/books', { token })).status).to.equal(403)
      grants.set('ann', ['auditor'])
      expect((await app.get('/books', { token })).status).to.equal(200)
    })
  })

  it('may depend on what is resolved asynchronously', async () => {
    const bind: AppOptions['bind'] = (container) => {
      container.bind(GrantRepository).toResolvedValue(async () => {
        await wait(2)
        return new GrantRepository()
      })
      container.bind(RoleResolver).to(GrantRoleResolver)
    }
    await withApp({ bind }, async (app) => {
      expect((await app.get('/books', { token: await kit.makeToken({ sub: 'ann' }) })).status).to.equal(200)
      expect((await app.get('/books', { token: await kit.makeToken({ sub: 'eve' }) })).status).to.equal(403)
    })
  })

  it('may be given as an option, and sees all claims', async () => {
    const roleResolver: RoleResolver = {
      resolve: ({ groups }, rawClaims) => [...groups, String(rawClaims['department'])],
    }
    await withApp({ settings: { roleResolver } }, async (app) => {
      const token = await kit.makeToken({ groups: ['auditor'], department: 'sales', roles: ['admin'] })
      expect(await (await app.get('/books', { token })).json()).to.deep.equal(['auditor', 'sales'])
    })
  })

  it('may be rebound afterwards, also while the application runs', async () => {
    await withApp({}, async (app) => {
      const token = await kit.makeToken({ sub: 'ann' })
      expect((await app.get('/books', { token })).status).to.equal(403)
      app.container.rebind(RoleResolver).toConstantValue({ resolve: () => ['auditor'] })
      expect((await app.get('/books', { token })).status).to.equal(200)
      app.container.rebind(RoleResolver).toConstantValue({ resolve: async () => [] })
      expect((await app.get('/books', { token })).status).to.equal(403)
    })
  })

  it('cannot change what the caller holds after the decision', async () => {
    const roles = ['viewer']
    await withApp({ settings: { roleResolver: { resolve: () => roles } } }, async (app) => {
      const token = await kit.makeToken()
      expect((await app.get('/books', { token })).status).to.equal(403)
      expect(Object.isFrozen(roles)).to.equal(false)
    })
  })

  it('is not given twice', async () => {
    const roleResolver: RoleResolver = { resolve: () => [] }
    const bind: AppOptions['bind'] = (container) => container.bind(RoleResolver).toConstantValue(roleResolver)
    let failure: unknown
    try {
      await startApp({ bind, settings: { roleResolver } })
    } catch (error) {
      failure = error
    }
    expect(failure).to.be.instanceOf(AuthConfigurationError)
    expect((failure as Error).message).to.include('roleResolver')
  })
})

describe('the default RoleResolver', () => {
  for (const { roleClaims, claims } of [
    { roleClaims: ['https://example.com/roles'], claims: { 'https://example.com/roles': ['auditor'] } },
    { roleClaims: ['realm_access.roles'], claims: { realm_access: { roles: ['auditor', 'viewer'] } } },
    { roleClaims: ['role', 'groups'], claims: { groups: ['auditor'], role: 'viewer' } },
    { roleClaims: 'role,cognito:groups', claims: { 'cognito:groups': ['auditor'] } },
  ]) {
    it(`reads ${roleClaims}`, async () => {
      await withApp({ settings: { roleClaims } }, async (app) => {
        expect((await app.get('/books', { token: await kit.makeToken(claims) })).status).to.equal(200)
        expect((await app.get('/books', { token: await kit.makeToken({ other: ['auditor'] }) })).status).to.equal(403)
      })
    })
  }

  it('reads role_claims from the environment', async () => {
    const env = { AUTH_CLIENT_ROLE_CLAIMS: 'permissions' }
    expect(() => new AuthModule({ ...kit.settings, env, configFiles: [] })).to.not.throw()
    await withApp({ settings: { env } }, async (app) => {
      const response = await app.get('/books', { token: await kit.makeToken({ permissions: ['auditor'] }) })
      expect(response.status).to.equal(200)
    })
  })
})

async function withApp(options: AppOptions, use: (app: RunningApp) => Promise<void>): Promise<void> {
  const app = await startApp({ controllers: [BookController], ...options })
  try {
    await use(app)
  } finally {
    await app.stop()
  }
}
