import 'reflect-metadata'
import { createServer } from 'node:http'
import { Container, inject, injectable } from 'inversify'
import Koa from 'koa'
import {
  AuthModule,
  Controller,
  Get,
  KoaModule,
  Param,
  RequiresRole,
  RequiresScope,
  SecurityContext,
} from '../../dist/index.js'
import { AUDIENCE, fillers, ISSUER, PATH, ROLES, task } from '../contract.mjs'

/** Asks who is calling instead of being told. */
class TaskService {
  show(id) {
    return task(id, SecurityContext.rawClaims())
  }
}
injectable()(TaskService)

/** What every token of the benchmark meets. The first is what the peers ask for as well. */
const REQUIREMENTS = [
  RequiresRole(...ROLES),
  ...['tasks:read', 'tasks:write', 'profile', 'email'].map((scope) => RequiresScope(scope)),
]

/** inversify-koa-auth as built: a controller per area, a role on the class, an injected service. */
export function build({ routes, jwksUri, requirements = 1, ...settings }) {
  const decorators = REQUIREMENTS.slice(0, requirements)
  const areas = fillers(routes).map(({ prefix, paths }) => controller(prefix, paths, decorators))
  const container = new Container()
  container.bind(TaskService).toSelf().inSingletonScope()
  container.load(
    new KoaModule({ controllers: [...areas, controller('/', [{ name: 'show', path: PATH }], decorators)] }),
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
function controller(prefix, methods, decorators) {
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
  for (const decorate of [...decorators, Controller(prefix), injectable()]) decorate(TaskController)
  return TaskController
}

function show(id) {
  return this.tasks.show(id)
}
