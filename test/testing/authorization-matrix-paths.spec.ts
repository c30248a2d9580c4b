import Router from '@koa/router'
import { expect } from 'chai'
import type { Container, Newable } from 'inversify'
import { Controller, Get, KoaConfigurer, RequiresRole } from 'inversify-koa-auth'
import { type AuthorizationMatrixOptions, authorizationMatrix } from 'inversify-koa-auth/testing'
import Koa from 'koa'
import { describe, it } from 'mocha'
import { rejection } from '../keys/rejection.js'
import { loadContainer, serve } from '../support/start-app.js'

@Controller('/files')
class FileController {
  @Get('/:id')
  @RequiresRole('admin')
  one() {}

  @Get('/*path')
  @RequiresRole('admin')
  any() {}
}

@Controller('/versions')
class VersionController {
  @Get('/1')
  @RequiresRole('admin')
  first() {}

  @Get('/:version')
  @RequiresRole('admin')
  any() {}

  @Get('/1/:part{/:of{/:all}}')
  @RequiresRole('admin')
  part() {}

  @Get('/:version/:part')
  @RequiresRole('admin')
  other() {}
}

@Controller('/taken')
class TakenController {
  @Get('/1')
  @RequiresRole('admin')
  first() {}

  @Get('/2')
  @RequiresRole('admin')
  second() {}

  @Get('/authorization-matrix')
  @RequiresRole('admin')
  third() {}

  @Get('/:id')
  @RequiresRole('admin')
  any() {}
}

describe('the paths of the authorization matrix', () => {
  for (const { controller, pattern, path } of [
    { controller: FileController, pattern: '/files/:id', path: '/files/a' },
    { controller: FileController, pattern: '/files/*path', path: '/files/a/b' },
    { controller: VersionController, pattern: '/versions/1', path: '/versions/1' },
    { controller: VersionController, pattern: '/versions/:version', path: '/versions/2' },
    { controller: VersionController, pattern: '/versions/1/:part{/:of{/:all}}', path: '/versions/1/a/b/c' },
    { controller: VersionController, pattern: '/versions/:version/:part', path: '/versions/2/a' },
  ]) {
    it(`lead to the route of the row, so that it shows when its guard is gone: ${pattern}`, async () => {
      const broken = loadContainer({ controllers: [controller] })
      broken.onActivation(Router, (_context, router) => {
        for (const layer of router.stack) if (layer.path === pattern) layer.stack = layer.stack.slice(1)
        return router
      })
      const { failures } = await authorizationMatrix(broken)
      expect(failures.map(({ route, caller, actual }) => `${route} ${caller} ${actual}`)).to.deep.equal(
        ['nobody', 'expired', 'wrong audience', 'forged', 'a valid token'].map(
          (caller) => `GET ${pattern} ${caller} allowed`,
        ),
      )
      const app = await serve(broken.get<Koa>(Koa), broken)
      try {
        expect((await app.get(path)).status, 'what the failures say').to.equal(204)
      } finally {
        await app.stop()
      }
    })
  }

  const asked = (controllers: readonly Newable[], options?: AuthorizationMatrixOptions, path = (it: string) => it) => {
    const bind = (to: Container) => {
      to.bind(KoaConfigurer).toConstantValue({
        configure: (app) => {
          app.use((ctx, next) => {
            ctx.path = path(ctx.path)
            return next()
          })
        },
      })
    }
    return authorizationMatrix(loadContainer({ controllers, bind }), options)
  }

  it('show where a request has come to instead', async () => {
    const { failures } = await asked([FileController], {}, (path) => path.replace(/^(\/files\/[^/]+)\/.*/, '$1'))
    expect(failures.map(({ route, caller, actual }) => ({ route, caller, actual }))).to.deep.equal([
      { route: 'GET /files/*path', caller: 'role admin', actual: 'GET /files/:id' },
    ])
  })

  it('may be changed on their way, where they are told', async () => {
    const mounted = (path: string) => path.replace(/^\/api/, '')
    const paths = { 'GET /files/:id': '/api/files/7', 'GET /files/*path': '/api/files/7/8?v=1' }
    ;(await asked([FileController], { paths }, mounted)).assertAsExpected()
  })

  it('are the ones that are told, where nothing that comes to mind will do', async () => {
    ;(await asked([TakenController], { paths: { 'GET /taken/:id': '/taken/3' } })).assertAsExpected()
  })

  for (const { what, controllers, paths, says } of [
    {
      what: 'whatever comes to mind leads elsewhere',
      controllers: [TakenController],
      says: "no path was found that leads to GET /taken/:id: /taken/1, /taken/authorization-matrix, /taken/2 lead to GET /taken/1, GET /taken/authorization-matrix, GET /taken/2. Name one: { paths: { 'GET /taken/:id': '/…' } }",
    },
    {
      what: 'a path to another route',
      controllers: [FileController],
      paths: { 'GET /files/*path': '/files/a' },
      says: 'no path was found that leads to GET /files/*path: /files/a leads to GET /files/:id.',
    },
  ]) {
    it(`are asked for: ${what}`, async () => {
      const error = await rejection(asked(controllers, paths && { paths }), TypeError)
      expect(error.message).to.contain(says)
    })
  }
})
