import { Readable } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import { expect } from 'chai'
import { inject, injectable } from 'inversify'
import {
  AllowAnonymous,
  Context,
  Controller,
  Get,
  KoaModule,
  Param,
  Post,
  RouteTable,
  SecurityContext,
  Status,
} from 'inversify-koa-auth'
import type Koa from 'koa'
import { after, before, describe, it } from 'mocha'
import { kit, type RunningApp, startApp } from '../support/start-app.js'

let made = 0

@injectable()
@Controller('/counted')
class CountedController {
  readonly #number = ++made

  @Get()
  @AllowAnonymous()
  get() {
    return { instance: this.#number }
  }
}

class Database {
  constructor(readonly name: string) {}
}

@injectable()
@Controller('/stored')
class StoredController {
  readonly #number = ++made

  constructor(@inject(Database) private readonly database: Database) {}

  @Get() get() {
    return { instance: this.#number, database: this.database.name, sub: SecurityContext.require().sub }
  }
}

async function instances(app: RunningApp, path: string): Promise<readonly number[]> {
  const token = await kit.makeToken()
  const numbers: number[] = []
  for (let i = 0; i < 3; i++) {
    const response = await app.get(path, { token })
    expect(response.status).to.equal(200)
    numbers.push(((await response.json()) as { instance: number }).instance)
  }
  return numbers
}

describe('controllers are resolved from the container', () => {
  it('as singletons, unless told otherwise', async () => {
    const app = await startApp({ controllers: [CountedController] })
    try {
      const [first, ...others] = await instances(app, '/counted')
      expect(others).to.deep.equal([first, first])
      expect(app.container.get(CountedController)).to.equal(app.container.get(CountedController))
    } finally {
      await app.stop()
    }
  })

  it('anew for each request, when they are bound as transient', async () => {
    const app = await startApp({
      controllers: [CountedController],
      bind: (container) => container.bind(CountedController).toSelf().inTransientScope(),
    })
    try {
      const numbers = await instances(app, '/counted')
      expect(new Set(numbers).size).to.equal(3)
    } finally {
      await app.stop()
    }
  })

  for (const { scope, count } of [
    { scope: 'singletons', count: 1 },
    { scope: 'transients', count: 3 },
  ]) {
    it(`with dependencies that are resolved asynchronously, as ${scope}`, async () => {
      const app = await startApp({
        controllers: [StoredController],
        bind: (container) => {
          container
            .bind(Database)
            .toResolvedValue(async () => {
              await wait(5)
              return new Database('tasks')
            })
            .inSingletonScope()
          const binding = container.bind(StoredController).toSelf()
          if (scope === 'transients') binding.inTransientScope()
          else binding.inSingletonScope()
        },
      })
      try {
        expect(new Set(await instances(app, '/stored')).size).to.equal(count)
        const response = await app.get('/stored', { token: await kit.makeToken({ sub: 'ann' }) })
        expect(await response.json()).to.include({ database: 'tasks', sub: 'ann' })
      } finally {
        await app.stop()
      }
    })
  }

  it('and the first requests may all come before an asynchronous dependency is there', async () => {
    let connections = 0
    const app = await startApp({
      controllers: [StoredController],
      bind: (container) =>
        container
          .bind(Database)
          .toResolvedValue(async () => {
            await wait(50)
            return new Database(`connection ${++connections}`)
          })
          .inSingletonScope(),
    })
    try {
      const token = await kit.makeToken()
      const responses = await Promise.all(Array.from({ length: 20 }, () => app.get('/stored', { token })))
      const answers = (await Promise.all(responses.map((response) => response.json()))) as { instance: number }[]
      expect(new Set(answers.map(({ instance }) => instance)).size).to.equal(1)
      expect(connections).to.equal(1)
    } finally {
      await app.stop()
    }
  })

  it('and a dependency that fails asynchronously is 500 for its routes alone, and no unhandled rejection', async () => {
    const unhandled: unknown[] = []
    const onUnhandled = (reason: unknown): void => void unhandled.push(reason)
    process.on('unhandledRejection', onUnhandled)
    const app = await startApp({
      controllers: [StoredController, CountedController],
      bind: (container) =>
        container
          .bind(Database)
          .toResolvedValue(async (): Promise<Database> => {
            await wait(1)
            throw new Error('hunter2')
          })
          .inSingletonScope(),
    })
    try {
      await wait(20)
      const response = await app.get('/stored', { token: await kit.makeToken() })
      expect(response.status).to.equal(500)
      expect(await response.text()).to.not.include('hunter2')
      expect((await app.get('/stored')).status).to.equal(401)
      expect((await app.get('/counted')).status).to.equal(200)
      expect(unhandled).to.deep.equal([])
    } finally {
      process.off('unhandledRejection', onUnhandled)
      await app.stop()
    }
  })

  it('and what is rebound later is what runs', async () => {
    const app = await startApp({
      controllers: [StoredController],
      bind: (container) => {
        container.bind(Database).toConstantValue(new Database('old'))
        container.bind(StoredController).toSelf().inTransientScope()
      },
    })
    try {
      const token = await kit.makeToken()
      expect(await (await app.get('/stored', { token })).json()).to.include({ database: 'old' })
      app.container.rebind(Database).toConstantValue(new Database('new'))
      expect(await (await app.get('/stored', { token })).json()).to.include({ database: 'new' })
    } finally {
      await app.stop()
    }
  })

  it('out of several modules, which make one application', async () => {
    const app = await startApp({
      controllers: [CountedController],
      bind: (container) => container.bind(Database).toConstantValue(new Database('tasks')),
      loaded: (container) => container.load(new KoaModule({ controllers: [StoredController] })),
    })
    try {
      expect((await app.get('/counted')).status).to.equal(200)
      expect((await app.get('/stored')).status).to.equal(401)
      expect((await app.get('/stored', { token: await kit.makeToken() })).status).to.equal(200)
      const paths = app.container.get(RouteTable).routes.map(({ path }) => path)
      expect(paths).to.deep.equal(['/counted', '/stored'])
    } finally {
      await app.stop()
    }
  })
})

@Controller()
@AllowAnonymous()
class AnswerController {
  @Get('/object') object() {
    return { a: 1 }
  }
  @Get('/list') async list() {
    return [1]
  }
  @Get('/text') text() {
    return 'text'
  }
  @Get('/bytes') bytes() {
    return Buffer.from([1, 2])
  }
  @Get('/number') number() {
    return 0
  }
  @Get('/false') false() {
    return false
  }
  @Get('/empty') empty() {
    return ''
  }
  @Get('/null') null() {
    return null
  }
  @Get('/undefined') undefined() {
    return undefined
  }
  @Get('/stream') stream() {
    return Readable.from(['a', 'b', 'c'])
  }
  @Post('/created')
  @Status(201)
  created() {
    return { id: 1 }
  }
  @Post('/accepted')
  @Status(202)
  accepted() {}

  @Get('/by-context') byContext(@Context() ctx: Koa.Context) {
    ctx.status = 203
    ctx.body = 'by context'
  }
  @Get('/status-only') statusOnly(@Context() ctx: Koa.Context) {
    ctx.status = 404
  }
  @Get('/redirect') redirect(@Context() ctx: Koa.Context) {
    ctx.redirect('/elsewhere')
  }
  @Get('/by-hand') byHand(@Context() ctx: Koa.Context) {
    ctx.respond = false
    ctx.res.statusCode = 200
    ctx.res.end('by hand')
  }
  @Get('/params/:a/:b') params(@Param('b') b: string, @Param('a') a: string) {
    return { a, b }
  }
}

describe('what a method returns is the response', () => {
  let app: RunningApp

  before(async () => {
    app = await startApp({ controllers: [AnswerController] })
  })
  after(() => app.stop())

  for (const { method = 'GET', path, status, body, type } of [
    { path: '/object', status: 200, body: '{"a":1}', type: 'application/json; charset=utf-8' },
    { path: '/list', status: 200, body: '[1]', type: 'application/json; charset=utf-8' },
    { path: '/text', status: 200, body: 'text', type: 'text/plain; charset=utf-8' },
    { path: '/bytes', status: 200, body: '\u0001\u0002', type: 'application/octet-stream' },
    { path: '/number', status: 200, body: '0', type: 'application/json; charset=utf-8' },
    { path: '/false', status: 200, body: 'false', type: 'application/json; charset=utf-8' },
    { path: '/empty', status: 200, body: '', type: 'text/plain; charset=utf-8' },
    { path: '/null', status: 204, body: '', type: null },
    { path: '/undefined', status: 204, body: '', type: null },
    { path: '/stream', status: 200, body: 'abc', type: 'application/octet-stream' },
    { method: 'POST', path: '/created', status: 201, body: '{"id":1}', type: 'application/json; charset=utf-8' },
    { method: 'POST', path: '/accepted', status: 202, body: '', type: null },
    { path: '/by-context', status: 203, body: 'by context', type: 'text/plain; charset=utf-8' },
    { path: '/status-only', status: 404, body: 'Not Found', type: 'text/plain; charset=utf-8' },
    { path: '/redirect', status: 302, body: /\/elsewhere/, type: 'text/html; charset=utf-8' },
    { path: '/by-hand', status: 200, body: 'by hand', type: null },
    { path: '/params/1/2', status: 200, body: '{"a":"1","b":"2"}', type: 'application/json; charset=utf-8' },
  ]) {
    it(`${method} ${path}: ${status}`, async () => {
      const response = await app.request(path, { method })
      expect(response.status).to.equal(status)
      const text = await response.text()
      if (typeof body === 'string') expect(text).to.equal(body)
      else expect(text).to.match(body)
      expect(response.headers.get('content-type')).to.equal(type)
    })
  }
})
