import 'reflect-metadata'
import Router from '@koa/router'
import { Container } from 'inversify'
import { AuthModule, authorize, Controller, Get, KoaModule, RequiresRole, RouteMiddleware } from 'inversify-koa-auth'
import type Koa from 'koa'

const answer: Koa.Middleware = (ctx) => {
  ctx.body = 'done'
}

@Controller('/tasks')
class TaskController {
  @Get()
  @RequiresRole('clerk')
  list() {}
}

/** A controller, and routes on the container's router beside it. */
export function createContainer(): Container {
  const container = loaded(new Container())
  const router = container.get<Router>(Router)
  router.use((_ctx, next) => next())
  router.get('/plain', answer)
  router.put('/plain/:id', authorize({ roles: ['admin'] }), answer)
  router.register('/both', ['get', 'post'], answer)
  router.all('/all', answer)
  router.get(/^\/pattern\/(\d+|x)$/, answer)
  router.use('/nested', new Router().delete('/deep', answer).routes())
  router.stack.push(...new Router().get('/past', answer).stack)
  return container
}

/** A router of the application's own, which answers before the controller does. */
export function before(): Container {
  const container = new Container()
  container.bind<Router>(Router).toConstantValue(new Router().get('/tasks', answer).get('/tasks', answer))
  return loaded(container)
}

/** A router that nobody has asked for, and that could not be had here. */
export function untouched(): Container {
  const container = new Container()
  container.bind(RouteMiddleware).toDynamicValue(() => {
    throw new Error('no database')
  })
  return loaded(container)
}

/** A router that can't be guarded: there is nothing to do so. */
export function unguarded(): Container {
  const container = new Container()
  container.bind<Router>(Router).toConstantValue(new Router().get('/plain', answer))
  container.load(new KoaModule({ controllers: [TaskController] }))
  return container
}

function loaded(container: Container): Container {
  container.load(
    new KoaModule({ controllers: [TaskController] }),
    new AuthModule({ issuer: 'https://idp.test', audience: 'tasks', env: {}, configFiles: [] }),
  )
  return container
}
