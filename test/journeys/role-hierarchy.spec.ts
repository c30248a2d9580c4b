import { expect } from 'chai'
import { AuthConfigurationError, AuthModule, Controller, Get, RequiresRole, SecurityContext } from 'inversify-koa-auth'
import { describe, it } from 'mocha'
import { type AppOptions, kit, type RunningApp, startApp } from '../support/start-app.js'

@Controller('/desk')
class DeskController {
  @Get()
  @RequiresRole('user')
  desk() {
    return SecurityContext.getRoles()
  }

  @Get('/asked')
  asked() {
    SecurityContext.requireRole('manager')
    return [SecurityContext.hasRole('user'), SecurityContext.hasRole('admin'), SecurityContext.principal()?.roles]
  }

  @Get('/odd')
  @RequiresRole('constructor')
  odd() {
    return 'odd'
  }
}

const roleHierarchy = { admin: ['manager'], manager: ['user'], ['__proto__']: ['constructor'] }

describe('role_hierarchy', () => {
  it('counts wherever roles are asked', async () => {
    await withApp({ settings: { roleHierarchy } }, async (app) => {
      const as = async (...roles: readonly string[]) => ({ token: await kit.makeToken({ roles }) })
      expect(await (await app.get('/desk', await as('admin'))).json()).to.deep.equal(['admin', 'manager', 'user'])
      expect(await (await app.get('/desk', await as('manager'))).json()).to.deep.equal(['manager', 'user'])
      expect((await app.get('/desk', await as('other'))).status).to.equal(403)
      expect(await (await app.get('/desk/asked', await as('manager'))).json()).to.deep.equal([
        true,
        false,
        ['manager', 'user'],
      ])
      expect((await app.get('/desk/asked', await as('user'))).status).to.equal(403)
    })
  })

  it('takes __proto__ and constructor for names, and nobody has them for free', async () => {
    await withApp({ settings: { roleHierarchy } }, async (app) => {
      expect((await app.get('/desk/odd', { token: await kit.makeToken({ roles: ['admin'] }) })).status).to.equal(403)
      for (const role of ['__proto__', 'constructor']) {
        expect((await app.get('/desk/odd', { token: await kit.makeToken({ roles: [role] }) })).status).to.equal(200)
      }
    })
  })

  it('counts for the roles of a RoleResolver, too, on every request', async () => {
    let roles = ['admin']
    const settings = { roleHierarchy, roleResolver: { resolve: async () => roles } }
    await withApp({ settings }, async (app) => {
      const token = await kit.makeToken()
      expect((await app.get('/desk', { token })).status).to.equal(200)
      roles = []
      expect((await app.get('/desk', { token })).status).to.equal(403)
      roles = ['manager']
      expect(await (await app.get('/desk', { token })).json()).to.deep.equal(['manager', 'user'])
    })
  })

  it('may come from the environment', async () => {
    const env = { AUTH_CLIENT_ROLE_HIERARCHY: '{"chief":["user"]}' }
    await withApp({ settings: { env } }, async (app) => {
      expect((await app.get('/desk', { token: await kit.makeToken({ roles: ['chief'] }) })).status).to.equal(200)
    })
  })

  it('leaves principals that are made by hand as they are', async () => {
    const { claims, rawClaims } = await withApp({}, async (app) => {
      let principal = SecurityContext.principal()
      app.container.get(DeskController).asked = () => {
        principal = SecurityContext.principal()
        return []
      }
      await app.get('/desk/asked', { token: await kit.makeToken() })
      return principal as NonNullable<typeof principal>
    })
    const roles = SecurityContext.run({ claims, rawClaims, roles: ['admin'] }, () => SecurityContext.getRoles())
    expect(roles).to.deep.equal(['admin'])
  })

  it('that goes round in a circle fails at start, naming it', () => {
    const options = { ...kit.settings, env: {}, configFiles: [], roleHierarchy: { a: ['b'], b: ['c'], c: ['a'] } }
    expect(() => new AuthModule(options))
      .to.throw(AuthConfigurationError)
      .with.property('message')
      .that.includes('auth_client.role_hierarchy (AUTH_CLIENT_ROLE_HIERARCHY): goes round in a circle: a > b > c > a')
  })
})

async function withApp<Result>(options: AppOptions, use: (app: RunningApp) => Promise<Result>): Promise<Result> {
  const app = await startApp({ controllers: [DeskController], ...options })
  try {
    return await use(app)
  } finally {
    await app.stop()
  }
}
