import { expect } from 'chai'
import { Container } from 'inversify'
import {
  AuthMiddleware,
  AuthModule,
  Body,
  Controller,
  Get,
  Post,
  RequiresAgentScope,
  RequiresRole,
  SecurityContext,
} from 'inversify-koa-auth'
import Koa from 'koa'
import { describe, it } from 'mocha'
import { z } from 'zod'
import { expectProblem, NO_TOKEN } from '../support/expect-problem.js'
import { kit, type RunningApp, serve, startApp } from '../support/start-app.js'

@Controller('/vault')
class VaultController {
  @Get()
  @RequiresRole('vault-keeper')
  keep() {}

  @Get('/inside')
  inside() {
    SecurityContext.requireRole('vault-inspector')
  }

  @Get('/agents')
  @RequiresAgentScope('vault:open')
  agents() {}

  @Post()
  put(@Body(z.object({ name: z.string() })) body: unknown) {
    return body
  }
}

const REFUSED = {
  status: 403,
  detail: 'Insufficient permissions',
  challenge: 'Bearer error="insufficient_scope"',
  code: 'insufficient_permissions',
}

describe('error_detail', () => {
  it('full, the default, names what is missing', async () => {
    await withApp('full', async (app) => {
      const token = await kit.makeToken()
      const problem = await expectProblem(await app.get('/vault', { token }), {
        ...REFUSED,
        detail: 'Requires one of roles: vault-keeper',
      })
      expect(problem)
        .to.have.property('missing')
        .that.deep.equals({ roles: ['vault-keeper'] })
    })
  })

  it('minimal names nothing that the application asks of callers', async () => {
    await withApp('minimal', async (app) => {
      const token = await kit.makeToken()
      for (const path of ['/vault', '/vault/inside']) {
        expect(await expectProblem(await app.get(path, { token }), REFUSED)).not.to.have.property('missing')
      }
    })
  })

  it('minimal names nothing that it asks of agents either', async () => {
    await withApp('minimal', async (app) => {
      const headers = { 'x-agent-authorization': `Bearer ${await kit.makeAgentToken({ scopes: ['other'] })}` }
      const response = await app.get('/vault/agents', { token: await kit.makeToken(), headers })
      const problem = await expectProblem(response, {
        ...REFUSED,
        code: 'agent_scope_missing',
        challenge: 'AgentBearer error="insufficient_scope"',
      })
      expect(JSON.stringify(problem)).not.to.include('vault:open')
    })
  })

  it('minimal leaves other problems as they are', async () => {
    await withApp('minimal', async (app) => {
      await expectProblem(await app.get('/vault'), NO_TOKEN)
      const body = JSON.stringify({ name: 5 })
      const headers = { 'content-type': 'application/json' }
      const response = await app.post('/vault', { token: await kit.makeToken(), body, headers })
      const problem = await expectProblem(response, { status: 422, detail: 'The request body is not valid' })
      expect(problem).to.have.property('issues').that.has.lengthOf(1)
    })
  })

  it('holds for an application without controllers as well', async () => {
    const container = new Container()
    container.load(new AuthModule({ ...kit.settings, env: { AUTH_CLIENT_ERROR_DETAIL: 'minimal' }, configFiles: [] }))
    kit.install(container)
    const koa = new Koa()
    koa.use(container.get(AuthMiddleware))
    koa.use(() => SecurityContext.requireRole('vault-keeper'))
    const app = await serve(koa, container)
    try {
      const problem = await expectProblem(await app.get('/', { token: await kit.makeToken() }), REFUSED)
      expect(problem).not.to.have.property('missing')
    } finally {
      await app.stop()
    }
  })
})

async function withApp(errorDetail: 'full' | 'minimal', use: (app: RunningApp) => Promise<void>): Promise<void> {
  const app = await startApp({ controllers: [VaultController], settings: { errorDetail } })
  try {
    await use(app)
  } finally {
    await app.stop()
  }
}
