import { expect } from 'chai'
import { AllowAnonymous, Controller, Get, Head, Post, RequiresRole, RouteTable } from 'inversify-koa-auth'
import { after, before, describe, it } from 'mocha'
import { matchingRoute } from '../../src/controllers/matching-route.js'
import { type RunningApp, startApp } from '../support/start-app.js'

@Controller('/u')
class UserController {
  @Get('/me')
  @RequiresRole('user')
  me() {}

  @Get('/:id')
  @AllowAnonymous()
  read() {}

  @Head('/:id')
  @RequiresRole('admin')
  exists() {}

  @Get('/*path')
  @RequiresRole('admin')
  rest() {}

  @Post('/:id/notes')
  annotate() {}
}

describe('the route that answers a request', () => {
  let app: RunningApp
  before(async () => {
    app = await startApp({ controllers: [UserController] })
  })
  after(() => app.stop())

  for (const { method, path, handler, status } of [
    { method: 'GET', path: '/u/me', handler: 'me', status: 401 },
    { method: 'GET', path: '/u/7', handler: 'read', status: 204 },
    { method: 'HEAD', path: '/u/7', handler: 'exists', status: 401 },
    { method: 'HEAD', path: '/u/me', handler: 'me', status: 401 },
    { method: 'GET', path: '/u/7/notes', handler: 'rest', status: 401 },
    { method: 'POST', path: '/U/7/notes/', handler: 'annotate', status: 401 },
    { method: 'DELETE', path: '/u/7', handler: undefined, status: 401 },
  ]) {
    it(`is the one that runs: ${method} ${path}`, async () => {
      const { routes } = app.container.get(RouteTable)
      const route = matchingRoute(routes, method, path)
      expect(route?.handler).to.equal(handler)
      const { status: answered } = await app.request(path, { method })
      expect(answered).to.equal(status)
      if (route !== undefined) expect(answered === 204).to.equal(route.requirement.access === 'anonymous')
    })
  }

  it('may be named as it is declared', () => {
    const { routes } = app.container.get(RouteTable)
    expect(matchingRoute(routes, 'HEAD', '/u/:id')?.handler).to.equal('exists')
  })
})
