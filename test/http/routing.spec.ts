import { expect } from 'chai'
import {
  AllowAnonymous,
  Context,
  Controller,
  Delete,
  Get,
  Head,
  Options,
  Param,
  Patch,
  Post,
  Put,
  RequiresRole,
} from 'inversify-koa-auth'
import type Koa from 'koa'
import { after, before, describe, it } from 'mocha'
import { expectProblem, NO_TOKEN } from '../support/expect-problem.js'
import { rawExchange } from '../support/raw-exchange.js'
import { kit, type RunningApp, startApp } from '../support/start-app.js'

@Controller('/u')
class MeFirstController {
  @Get('/me')
  @AllowAnonymous()
  me() {
    return { route: 'me' }
  }

  @Get('/:id')
  @RequiresRole('admin')
  find(@Param('id') id: string) {
    return { route: 'find', id }
  }
}

@Controller('/u')
class FindFirstController {
  @Get('/:id')
  @RequiresRole('admin')
  find(@Param('id') id: string) {
    return { route: 'find', id }
  }

  @Get('/*path')
  @AllowAnonymous()
  rest() {
    return { route: 'rest' }
  }
}

@Controller('/u')
class OpenFindController {
  @Get('/:id')
  @AllowAnonymous()
  find(@Param('id') id: string) {
    return { route: 'find', id }
  }

  @Get('/*path')
  @RequiresRole('admin')
  secret() {
    return { route: 'secret' }
  }
}

describe('the rule that runs belongs to the route that runs', () => {
  for (const { controller, path, token, status, route } of [
    { controller: MeFirstController, path: '/u/me', token: false, status: 200, route: 'me' },
    { controller: MeFirstController, path: '/u/7', token: false, status: 401, route: undefined },
    { controller: MeFirstController, path: '/u/7', token: true, status: 200, route: 'find' },
    { controller: FindFirstController, path: '/u/me', token: false, status: 401, route: undefined },
    { controller: FindFirstController, path: '/u/me', token: true, status: 200, route: 'find' },
    { controller: FindFirstController, path: '/u/me/x', token: false, status: 200, route: 'rest' },
    { controller: OpenFindController, path: '/u/secret', token: false, status: 200, route: 'find' },
    { controller: OpenFindController, path: '/u/secret/x', token: false, status: 401, route: undefined },
  ]) {
    const caller = token ? 'an admin' : 'nobody'
    it(`${controller.name}: ${path} answers ${status} to ${caller}${route ? ` from ${route}()` : ''}`, async () => {
      const app = await startApp({ controllers: [controller] })
      try {
        const response = await app.get(path, token ? { token: await kit.makeToken({ roles: ['admin'] }) } : {})
        expect(response.status).to.equal(status)
        if (route !== undefined) expect(await response.json()).to.include({ route })
      } finally {
        await app.stop()
      }
    })
  }
})

@Controller('/things')
class ThingController {
  @Get() list() {
    return [1, 2]
  }

  @Post() create() {
    return { created: true }
  }

  @Get('/open')
  @AllowAnonymous()
  open() {
    return 'open'
  }

  @Get('/:id')
  @RequiresRole('reader')
  read() {
    return { read: true }
  }

  @Put('/:id') replace() {
    return { replaced: true }
  }

  @Patch('/:id') change() {
    return { changed: true }
  }

  @Delete('/:id') remove() {}
}

/** HEAD and OPTIONS with methods of their own. */
@Controller('/own')
class OwnMethodsController {
  @Get() get() {
    return 'whole'
  }

  @Head()
  @RequiresRole('auditor')
  head(@Context() ctx: Koa.Context) {
    ctx.set('X-Head', 'own')
    ctx.status = 200
  }

  @Options()
  @AllowAnonymous()
  options(@Context() ctx: Koa.Context) {
    ctx.set('X-Options', 'own')
  }

  @Head('/only') only(@Context() ctx: Koa.Context) {
    ctx.status = 200
  }
}

describe('routing', () => {
  let app: RunningApp
  let token: string

  before(async () => {
    app = await startApp({ controllers: [ThingController, OwnMethodsController] })
    token = await kit.makeToken({ roles: ['reader'] })
  })
  after(() => app.stop())

  for (const [method, path, body] of [
    ['GET', '/things', '[1,2]'],
    ['POST', '/things', '{"created":true}'],
    ['GET', '/things/1', '{"read":true}'],
    ['PUT', '/things/1', '{"replaced":true}'],
    ['PATCH', '/things/1', '{"changed":true}'],
    ['GET', '/things/', '[1,2]'],
    ['GET', '/THINGS', '[1,2]'],
  ] as const) {
    it(`answers ${method} ${path} with a token only`, async () => {
      const response = await app.request(path, { method, token })
      expect(response.status).to.equal(200)
      expect(await response.text()).to.equal(body)
      await expectProblem(await app.request(path, { method }), NO_TOKEN)
    })
  }

  it('answers 204 where a method returns nothing', async () => {
    const response = await app.request('/things/1', { method: 'DELETE', token })
    expect(response.status).to.equal(204)
  })

  describe('HEAD', () => {
    for (const { path, credentials, status } of [
      { path: '/things', credentials: 'none', status: 401 },
      { path: '/things', credentials: 'reader', status: 200 },
      { path: '/things/open', credentials: 'none', status: 200 },
      { path: '/things/1', credentials: 'none', status: 401 },
      { path: '/things/1', credentials: 'viewer', status: 403 },
      { path: '/things/1', credentials: 'reader', status: 200 },
      { path: '/nowhere', credentials: 'none', status: 401 },
      { path: '/nowhere', credentials: 'reader', status: 404 },
    ]) {
      it(`follows GET: ${status} for ${path} with ${credentials}`, async () => {
        const options = credentials === 'none' ? {} : { token: await kit.makeToken({ roles: [credentials] }) }
        const [get, head] = await Promise.all([
          app.get(path, options),
          app.request(path, { ...options, method: 'HEAD' }),
        ])
        expect(head.status).to.equal(status)
        expect(get.status).to.equal(status)
        for (const header of ['content-type', 'content-length', 'www-authenticate', 'cache-control']) {
          expect(head.headers.get(header), header).to.equal(get.headers.get(header))
        }
        expect(await head.text()).to.equal('')
      })
    }

    it('has its own rule where @Head says so, and leaves GET alone', async () => {
      const auditor = await kit.makeToken({ roles: ['auditor'] })
      const own = await app.request('/own', { method: 'HEAD', token: auditor })
      expect(own.status).to.equal(200)
      expect(own.headers.get('x-head')).to.equal('own')
      expect((await app.request('/own', { method: 'HEAD', token })).status).to.equal(403)
      expect((await app.request('/own', { method: 'HEAD' })).status).to.equal(401)
      const get = await app.get('/own', { token })
      expect(get.headers.get('x-head')).to.equal(null)
      expect(await get.text()).to.equal('whole')
    })

    it('may stand alone: GET is then 405', async () => {
      expect((await app.request('/own/only', { method: 'HEAD', token })).status).to.equal(200)
      expect((await app.get('/own/only', { token })).status).to.equal(405)
    })
  })

  describe('without a token, reveals nothing:', () => {
    const requests = [
      ['GET', '/nowhere'],
      ['GET', '/things/1/nowhere'],
      ['POST', '/things/open'],
      ['DELETE', '/things'],
      ['PATCH', '/things'],
      ['OPTIONS', '/things'],
      ['OPTIONS', '/things/open'],
      ['OPTIONS', '/nowhere'],
      ['PROPFIND', '/things'],
      ['PROPFIND', '/nowhere'],
      ['TRACE', '/things'],
      ['OPTIONS', '*'],
    ] as const
    for (const [method, path] of requests) {
      it(`${method} ${path} is 401`, async () => {
        const answer = await rawExchange(app.port, `${method} ${path} HTTP/1.1`, 'Host: a', '', '')
        expect(answer.status).to.equal(401)
        expect(answer.head).to.not.match(/^allow:/im)
        expect(answer.head).to.match(/^WWW-Authenticate: Bearer\r?$/im)
        expect(JSON.parse(answer.body)).to.include({ detail: NO_TOKEN.detail, code: NO_TOKEN.code })
      })
    }

    it('every one of them gets the same answer', async () => {
      const answers = await Promise.all(
        requests.map(([method, path]) => rawExchange(app.port, `${method} ${path} HTTP/1.1`, 'Host: a', '', '')),
      )
      const distinct = new Set(answers.map(({ head, body }) => `${head.replace(/^date:.*$/im, '')}\n${body}`))
      expect(distinct.size).to.equal(1)
    })

    it('not even to a caller with a bad one', async () => {
      const expired = await kit.makeToken({}, { expiresIn: '-1h' })
      for (const [method, path] of [
        ['GET', '/nowhere'],
        ['DELETE', '/things'],
        ['OPTIONS', '/things'],
      ] as const) {
        const response = await app.request(path, { method, token: expired })
        expect(response.headers.get('allow')).to.equal(null)
        await expectProblem(response, {
          status: 401,
          detail: 'Token has expired',
          challenge: 'Bearer error="invalid_token"',
        })
      }
    })
  })

  describe('with a token', () => {
    it('answers 404 to an unknown path', async () => {
      await expectProblem(await app.get('/nowhere', { token }), {
        status: 404,
        detail: 'Not Found',
        code: 'route_not_found',
      })
    })

    for (const { method, path, allow } of [
      { method: 'DELETE', path: '/things', allow: ['GET', 'HEAD', 'POST'] },
      { method: 'POST', path: '/things/1', allow: ['DELETE', 'GET', 'HEAD', 'PATCH', 'PUT'] },
    ]) {
      it(`answers 405 to ${method} ${path} and says what is allowed`, async () => {
        const response = await app.request(path, { method, token })
        expect(response.headers.get('allow')?.split(', ').sort()).to.deep.equal(allow)
        await expectProblem(response, { status: 405, detail: 'Method Not Allowed', code: 'method_not_allowed' })
      })
    }

    it('answers 501 to a method nobody knows', async () => {
      const response = await app.request('/things', { method: 'PROPFIND', token })
      await expectProblem(response, { status: 501, detail: 'Not Implemented', code: 'method_not_implemented' })
    })

    it('answers OPTIONS with what is allowed', async () => {
      const response = await app.request('/things', { method: 'OPTIONS', token })
      expect(response.status).to.equal(200)
      expect(response.headers.get('allow')?.split(', ').sort()).to.deep.equal(['GET', 'HEAD', 'POST'])
      expect(await response.text()).to.equal('')
    })

    it('answers OPTIONS 404 where there is nothing', async () => {
      expect((await app.request('/nowhere', { method: 'OPTIONS', token })).status).to.equal(404)
    })
  })

  it('leaves OPTIONS to a method with @Options', async () => {
    const response = await app.request('/own', { method: 'OPTIONS' })
    expect(response.status).to.equal(204)
    expect(response.headers.get('x-options')).to.equal('own')
  })
})
