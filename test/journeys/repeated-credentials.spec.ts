import { Agent, get } from 'node:http'
import { expect } from 'chai'
import { AllowAnonymous, Controller, Get, RequiresRole, SecurityContext } from 'inversify-koa-auth'
import { after, before, describe, it } from 'mocha'
import { kit, type RunningApp, startApp } from '../support/start-app.js'

@Controller('/who')
class WhoController {
  @Get('/') who() {
    return { sub: SecurityContext.require().sub }
  }

  @Get('/open') @AllowAnonymous() open() {
    return { sub: SecurityContext.get()?.sub ?? 'nobody' }
  }

  @Get('/admin') @RequiresRole('admin') admin() {
    return { sub: SecurityContext.require().sub }
  }
}

describe('requests over one connection', () => {
  let app: RunningApp
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })

  before(async () => {
    app = await startApp({ controllers: [WhoController] })
  })
  after(async () => {
    agent.destroy()
    await app.stop()
  })

  const send = (path: string, token?: string) =>
    new Promise<string>((resolve, reject) => {
      const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
      get({ port: app.port, host: '127.0.0.1', path, agent, headers }, (response) => {
        let text = ''
        response.on('data', (chunk) => {
          text += chunk
        })
        response.on('end', () =>
          resolve(response.statusCode === 200 ? JSON.parse(text).sub : String(response.statusCode)),
        )
      }).on('error', reject)
    })

  it('are each judged by the credentials they bring themselves', async () => {
    const [ann, bob] = await Promise.all([kit.makeToken({ sub: 'ann', role: 'admin' }), kit.makeToken({ sub: 'bob' })])
    const expired = await kit.makeToken({ sub: 'ann', role: 'admin' }, { expiresIn: '-1h' })
    const forged = `${ann.slice(0, ann.lastIndexOf('.'))}${bob.slice(bob.lastIndexOf('.'))}`
    const answers: string[] = []
    const steps: readonly [string, string | undefined][] = [
      ['/who', ann],
      ['/who', ann],
      ['/who', undefined],
      ['/who/open', ann],
      ['/who', bob],
      ['/who/admin', bob],
      ['/who/admin', ann],
      ['/who', expired],
      ['/who', expired],
      ['/who', forged],
      ['/who/admin', ann],
    ]
    for (const [path, token] of steps) answers.push(await send(path, token))
    expect(answers).to.deep.equal(['ann', 'ann', '401', 'nobody', 'bob', '403', 'ann', '401', '401', '401', 'ann'])
  })
})
