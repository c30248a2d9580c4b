import { expect } from 'chai'
import { AllowAnonymous, Controller, Get } from 'inversify-koa-auth'
import Koa from 'koa'
import { after, before, describe, it } from 'mocha'
import { kit, loadContainer, type RunningApp, serve } from '../support/start-app.js'

@Controller('/open')
@AllowAnonymous()
class OpenController {
  @Get('/nothing-thrown') nothing() {
    return Promise.reject(undefined)
  }
}

describe('middleware after the routes', () => {
  let app: RunningApp
  before(async () => {
    const container = loadContainer({ controllers: [OpenController] })
    kit.install(container)
    const koa = container.get<Koa>(Koa)
    koa.use((ctx) => {
      if (ctx.path !== '/late') return
      ctx.respond = false
      setTimeout(() => ctx.res.writeHead(200).end('by hand'), 5)
    })
    app = await serve(koa, container)
  })
  after(() => app.stop())

  it('may answer without Koa, after everybody else is through', async () => {
    const response = await app.get('/late', { token: await kit.makeToken() })
    expect(response.status).to.equal(200)
    expect(await response.text()).to.equal('by hand')
  })

  it('leaves the rest to 404', async () => {
    expect((await app.get('/nowhere', { token: await kit.makeToken() })).status).to.equal(404)
  })

  it('has nothing to do with a handler that fails with nothing: 500', async () => {
    expect((await app.get('/open/nothing-thrown')).status).to.equal(500)
    expect(app.errors).to.have.lengthOf(1)
  })
})
