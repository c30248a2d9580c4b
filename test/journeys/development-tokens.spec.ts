import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import {
  AuthConfigurationError,
  AuthModule,
  type AuthModuleOptions,
  Controller,
  Get,
  RequiresRole,
} from 'inversify-koa-auth'
import { after, afterEach, before, describe, it } from 'mocha'
import { runIn } from '../support/command.js'
import { kit, type RunningApp, startApp } from '../support/start-app.js'

@Controller()
class LedgerController {
  @Get('/ledger')
  @RequiresRole('accountant')
  read() {
    return 'ledger'
  }
}

const ENV = { AUTH_CLIENT_ISSUER: kit.issuer, AUTH_CLIENT_AUDIENCE: kit.audience, AUTH_CLIENT_DEV_KEYS: 'true' }

describe('development tokens', () => {
  const home = process.cwd()
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'development-'))
    process.chdir(folder)
  })
  after(() => {
    process.chdir(home)
    rmSync(folder, { recursive: true })
  })
  let app: RunningApp | undefined
  afterEach(async () => {
    await app?.stop()
    app = undefined
  })

  const makeToken = async (...args: readonly string[]) => {
    const { code, out } = await runIn({ cwd: folder, env: ENV }, 'token', ...args)
    expect(code).to.equal(0)
    return out
  }
  const start = async (settings: AuthModuleOptions) => {
    app = await startApp({ controllers: [LedgerController], settings })
    return app
  }

  it("are accepted where dev_keys is true, beside the issuer's", async () => {
    const { get } = await start({ devKeys: true })
    const accountant = await makeToken('--sub', 'ann', '--role', 'accountant')
    for (const _ of [1, 2]) expect((await get('/ledger', { token: accountant })).status).to.equal(200)
    const clerk = await makeToken('--sub', 'bob', '--role', 'clerk')
    expect((await get('/ledger', { token: clerk })).status).to.equal(403)
    const published = await kit.makeToken({ roles: ['accountant'] })
    expect((await get('/ledger', { token: published })).status).to.equal(200)
  })

  it('are not accepted any more when their key is deleted, remembered ones included', async () => {
    const { get } = await start({ devKeys: true })
    const token = await makeToken('--role', 'accountant')
    for (const _ of [1, 2, 3]) expect((await get('/ledger', { token })).status).to.equal(200)
    rmSync(join(folder, '.auth-dev'), { recursive: true })
    await expectUnknownKey(await get('/ledger', { token }))
  })

  it('are refused like any forgery where nobody has said so', async () => {
    const { get } = await start({})
    const token = await makeToken('--role', 'accountant')
    await expectUnknownKey(await get('/ledger', { token }))
  })

  for (const { name, processMode, env } of [
    { name: 'the environment of the settings', processMode: undefined, env: { ...ENV, NODE_ENV: 'production' } },
    { name: 'the process, whatever the settings are read from', processMode: 'production', env: ENV },
  ]) {
    it(`are a start-up error in production, says ${name}`, () => {
      const { NODE_ENV } = process.env
      if (processMode !== undefined) process.env['NODE_ENV'] = processMode
      try {
        expect(() => new AuthModule({ env, configFiles: [] })).to.throw(
          AuthConfigurationError,
          'auth_client.dev_keys (AUTH_CLIENT_DEV_KEYS): must not be true where NODE_ENV is production',
        )
      } finally {
        if (NODE_ENV === undefined) delete process.env['NODE_ENV']
        else process.env['NODE_ENV'] = NODE_ENV
      }
    })
  }

  it('are announced by a warning at start', async () => {
    const warnings: Error[] = []
    const listen = (warning: Error) => warnings.push(warning)
    process.on('warning', listen)
    try {
      await start({ devKeys: true })
      await new Promise((resolve) => setImmediate(resolve))
    } finally {
      process.off('warning', listen)
    }
    expect(warnings).to.have.length(1)
    expect(warnings[0]).to.include({ name: 'SecurityWarning', code: 'INVERSIFY_KOA_AUTH_DEV_KEYS' })
  })
})

async function expectUnknownKey(response: Response): Promise<void> {
  expect(response.status).to.equal(401)
  expect(await response.json()).to.include({ code: 'key_unknown' })
}
