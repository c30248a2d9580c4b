import 'reflect-metadata'
import { createServer } from 'node:http'
import { Container, inject, injectable } from 'inversify'
import Koa from 'koa'
import { AuthModule, Controller, Get, KoaModule, Param, RequiresRole, SecurityContext } from '../../dist/index.js'
import { AUDIENCE, fillers, ISSUER, PATH, ROLES, task } from '../contract.mjs'

/** Asks who is calling instead of being told. */
class TaskService {
  show(id) {
    return task(id, SecurityContext.rawClaims())
  }
}
injectable()(TaskService)

/** inversify-koa-auth as built: a controller per area, a role on the class, an injected service. */
export function build({ routes, jwksUri, ...settings }) {
  const areas = fillers(routes).map(({ prefix, paths }) => controller(prefix, paths))
  const container = new Container()
  container.bind(TaskService).toSelf().inSingletonScope()
  container.load(
    new KoaModule({ controllers: [...areas, controller('/', [{ name: 'show', path: PATH }])] }),
    new AuthModule({
      issuer: ISSUER,
      audience: [AUDIENCE],
      jwksEndpoint: jwksUri,
      ...settings,
      env: {},
      configFiles: [],
    }),
  )
  return createServer(container.get(Koa).callback())
}

/** Plain JavaScript has no decorator syntax yet: what follows is a decorated class, spelled out. */
function controller(prefix, methods) {
  class TaskController {
    constructor(tasks) {
      this.tasks = tasks
    }
  }
  const { prototype } = TaskController
  for (const { name, path } of methods) {
    Object.defineProperty(prototype, name, { value: show })
    Param('id')(prototype, name, 0)
    Get(path)(prototype, name, Object.getOwnPropertyDescriptor(prototype, name))
  }
  inject(TaskService)(TaskController, undefined, 0)
  for (const decorate of [RequiresRole(...ROLES), Controller(prefix), injectable()]) decorate(TaskController)
  return TaskController
}

function show(id) {
  return this.tasks.show(id)
}
