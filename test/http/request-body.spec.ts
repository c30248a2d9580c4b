import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import {
  AllowAnonymous,
  Body,
  Context,
  Controller,
  Get,
  Header,
  KoaConfigurer,
  KoaModule,
  Param,
  Post,
  Put,
  Query,
  RequiresRole,
  type StandardSchema,
  Status,
} from 'inversify-koa-auth'
import type Koa from 'koa'
import { after, before, describe, it } from 'mocha'
import { z } from 'zod'
import { expectProblem } from '../support/expect-problem.js'
import { openSocket, rawExchange, readAnswer } from '../support/raw-exchange.js'
import { kit, type RunningApp, startApp } from '../support/start-app.js'

const Task = z.object({
  title: z.string().min(1).trim(),
  priority: z.number().int().default(3),
  tags: z.array(z.object({ name: z.string() })).optional(),
})

const Tree = z.object({
  get child() {
    return Tree.optional()
  },
})

/** A validator of our own, asynchronous and with paths the long way. */
const even: StandardSchema<number> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: async (value) =>
      typeof value === 'number' && value % 2 === 0
        ? { value: value / 2 }
        : { issues: [{ message: 'must be even', path: [{ key: 'root' }, 0] }] },
  },
}

@Controller()
class EchoController {
  @Post('/echo')
  @AllowAnonymous()
  echo(@Body() body: unknown) {
    return { type: typeof body, body: body ?? null }
  }

  @Post('/twice')
  @AllowAnonymous()
  twice(@Body() one: unknown, @Body(Task) two: unknown) {
    return { one, two }
  }

  @Post('/tasks')
  @Status(201)
  create(@Body(Task) task: z.infer<typeof Task>) {
    return task
  }

  @Post('/halves') halve(@Body(even) half: number) {
    return { half }
  }

  @Put('/secret')
  @RequiresRole('admin')
  secret(@Body() body: unknown) {
    return { body }
  }

  @Post('/raw')
  @AllowAnonymous()
  async raw(@Context() ctx: Koa.Context) {
    let size = 0
    for await (const chunk of ctx.req) size += (chunk as Buffer).length
    return { size }
  }
}

@Controller('/args')
class ArgumentController {
  @Get('/:id{/:page}')
  @AllowAnonymous()
  all(
    @Param('id') id: string,
    @Param('page') page: string | undefined,
    @Param() params: Record<string, string>,
    @Query('q') q: unknown,
    @Query('constructor') prototypeMember: unknown,
    @Query() query: object,
    @Header('X-Trace') trace: string | undefined,
    @Header('toString') headerMember: unknown,
    @Context() ctx: Koa.Context,
    undecorated: unknown,
  ) {
    const absent = [page, prototypeMember, headerMember, undecorated].filter((value) => value === undefined).length
    return { id, page, params, q, query, trace, path: ctx.path, absent }
  }
}

@Controller('/deep')
@AllowAnonymous()
class DeepController {
  @Post('/recursive')
  recursive(@Body(Tree) _body: unknown) {
    return { read: true }
  }

  @Post('/json')
  json(@Body(z.json()) _body: unknown) {
    return { read: true }
  }

  @Post('/plain')
  plain(@Body() body: unknown) {
    return body
  }
}

@Controller('/small')
class SmallController {
  @Post()
  @AllowAnonymous()
  post(@Body() body: unknown) {
    return { body }
  }
}

const JSON_TYPE = { 'content-type': 'application/json' }

describe('a request body', () => {
  let app: RunningApp
  let token: string

  before(async () => {
    app = await startApp({
      controllers: [EchoController, ArgumentController, DeepController],
      loaded: (container) => container.load(new KoaModule({ controllers: [SmallController], bodyLimitBytes: 16 })),
    })
    token = await kit.makeToken()
  })
  after(() => app.stop())

  for (const { name, headers, body, read } of [
    { name: 'JSON', headers: JSON_TYPE, body: '{"a":[1,null]}', read: { a: [1, null] } },
    { name: 'JSON that is no object', headers: JSON_TYPE, body: '"text"', read: 'text' },
    { name: 'JSON null', headers: JSON_TYPE, body: 'null', read: null },
    {
      name: 'JSON of another name',
      headers: { 'content-type': 'application/vnd.api+json; charset=utf-8' },
      body: '{"a":"é"}',
      read: { a: 'é' },
    },
    {
      name: 'a form',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'a=1&b=x+y&c=%C3%A9',
      read: { a: '1', b: 'x y', c: 'é' },
    },
    { name: 'text', headers: { 'content-type': 'text/plain' }, body: 'hello', read: 'hello' },
    {
      name: 'gzipped JSON',
      headers: { ...JSON_TYPE, 'content-encoding': 'gzip' },
      body: gzipSync('{"a":1}'),
      read: { a: 1 },
    },
  ]) {
    it(`is read as ${name}`, async () => {
      const response = await app.post('/echo', { headers, body })
      expect(response.status).to.equal(200)
      expect((await json(response))['body']).to.deep.equal(read)
    })
  }

  for (const { name, init } of [
    { name: 'nothing is sent', init: {} },
    { name: 'nothing is sent as JSON', init: { headers: JSON_TYPE, body: '' } },
    { name: 'nothing is sent in chunks', init: { headers: JSON_TYPE, body: chunks(), duplex: 'half' as const } },
  ]) {
    it(`is undefined where ${name}`, async () => {
      const response = await app.post('/echo', init)
      expect(await response.json()).to.deep.equal({ type: 'undefined', body: null })
    })
  }

  it('can be asked for twice', async () => {
    const response = await app.post('/twice', { headers: JSON_TYPE, body: '{"title":" a "}' })
    expect(await response.json()).to.deep.equal({ one: { title: ' a ' }, two: { title: 'a', priority: 3 } })
  })

  it('is left alone where no parameter asks for it', async () => {
    const response = await app.post('/raw', { headers: JSON_TYPE, body: '{"a":' })
    expect(await response.json()).to.deep.equal({ size: 5 })
  })

  describe('is refused with 400', () => {
    for (const { name, headers, body } of [
      { name: 'when JSON is cut off', headers: JSON_TYPE, body: '{"a":1' },
      { name: 'when JSON is something else', headers: JSON_TYPE, body: 'hunter2' },
      { name: 'when it would poison prototypes', headers: JSON_TYPE, body: '{"__proto__":{"admin":true}}' },
      {
        name: 'when it is not gzip, as it claims',
        headers: { ...JSON_TYPE, 'content-encoding': 'gzip' },
        body: '{"a":1}',
      },
    ]) {
      it(name, async () => {
        const response = await app.post('/echo', { headers, body })
        const problem = await expectProblem(response, {
          status: 400,
          detail: 'Malformed request body',
          code: 'body_malformed',
        })
        expect(JSON.stringify(problem)).to.not.include('hunter2')
      })
    }
  })

  describe('is refused with 400 when it nests deeper than 100 levels', () => {
    for (const { path, nested } of [
      {
        path: '/deep/recursive',
        nested: (levels: number) => `${'{"child":'.repeat(levels - 1)}{}${'}'.repeat(levels - 1)}`,
      },
      { path: '/deep/json', nested: (levels: number) => '['.repeat(levels) + ']'.repeat(levels) },
      { path: '/deep/plain', nested: (levels: number) => '['.repeat(levels) + ']'.repeat(levels) },
    ]) {
      it(`whatever is made of it: ${path}`, async () => {
        const answers = [100, 101, 3000, 90_000].map((levels) =>
          app.post(path, { headers: JSON_TYPE, body: nested(levels) }),
        )
        const [fits, ...others] = await Promise.all(answers)
        expect(fits?.status).to.equal(200)
        for (const response of others) {
          await expectProblem(response, { status: 400, detail: 'Malformed request body', code: 'body_malformed' })
        }
        expect(app.errors).to.deep.equal([])
      })
    }
  })

  describe('is refused with 413', () => {
    const TOO_LARGE = { status: 413, detail: 'The request body is too large', code: 'body_too_large' }
    const large = JSON.stringify('x'.repeat(1024 * 1024))

    it('beyond 1 MiB', async () => {
      await expectProblem(await app.post('/echo', { headers: JSON_TYPE, body: large }), TOO_LARGE)
    })

    it('up to which it is accepted', async () => {
      const body = JSON.stringify('x'.repeat(1024 * 1024 - 2))
      expect((await app.post('/echo', { headers: JSON_TYPE, body })).status).to.equal(200)
    })

    it('by its Content-Length, before it is sent', async () => {
      const answer = await rawExchange(
        app.port,
        'POST /echo HTTP/1.1',
        'Host: a',
        'Content-Type: application/json',
        'Content-Length: 1048577',
        '',
        '',
      )
      expect(answer.status).to.equal(413)
      expect(answer.head).to.match(/^connection: close\r?$/im)
    })

    it('when it comes in chunks', async () => {
      const response = await app.post('/echo', { headers: JSON_TYPE, body: chunks('"', large), duplex: 'half' })
      await expectProblem(response, TOO_LARGE)
    })

    it('when it is large only once it is unpacked', async () => {
      const headers = { ...JSON_TYPE, 'content-encoding': 'gzip' }
      await expectProblem(await app.post('/echo', { headers, body: gzipSync(large) }), TOO_LARGE)
    })

    it('beyond the limit of its module, where that is smaller', async () => {
      const fits = await app.post('/small', { headers: JSON_TYPE, body: JSON.stringify('x'.repeat(14)) })
      expect(fits.status).to.equal(200)
      const response = await app.post('/small', { headers: JSON_TYPE, body: JSON.stringify('x'.repeat(15)) })
      await expectProblem(response, TOO_LARGE)
    })
  })

  describe('is refused with 415', () => {
    for (const headers of [
      { 'content-type': 'application/xml' },
      { 'content-type': 'application/octet-stream' },
      { 'content-type': 'multipart/form-data; boundary=x' },
      { 'content-type': 'nonsense' },
      { 'content-type': '' },
      { ...JSON_TYPE, 'content-encoding': 'nonsense' },
    ]) {
      it(`as ${JSON.stringify(headers)}`, async () => {
        await expectProblem(await app.post('/echo', { headers, body: Buffer.from('{"a":1}') }), {
          status: 415,
          detail: 'The media type of the request body is not supported',
          code: 'body_unsupported',
        })
      })
    }
  })

  describe('with a schema', () => {
    it('reaches the method as the schema makes it', async () => {
      const response = await app.post('/tasks', { token, headers: JSON_TYPE, body: '{"title":" a ","extra":1}' })
      expect(response.status).to.equal(201)
      expect(await response.json()).to.deep.equal({ title: 'a', priority: 3 })
    })

    it('is 422 with the issues when it does not conform', async () => {
      const body = JSON.stringify({ title: '', priority: 'hunter2', tags: [{ name: 'a' }, { name: 5 }] })
      const problem = await expectProblem(await app.post('/tasks', { token, headers: JSON_TYPE, body }), {
        status: 422,
        detail: 'The request body is not valid',
        code: 'body_invalid',
      })
      const issues = problem['issues'] as { path: unknown; message: string }[]
      expect(issues.map(({ path }) => path)).to.deep.equal([['title'], ['priority'], ['tags', 1, 'name']])
      for (const { message } of issues) expect(message).to.be.a('string').that.is.not.empty
      expect(JSON.stringify(problem)).to.not.include('hunter2')
    })

    it('is 422 when there is none', async () => {
      const response = await app.post('/tasks', { token })
      expect(response.status).to.equal(422)
      expect(await json(response))
        .to.have.nested.property('issues[0].path')
        .that.deep.equals([])
    })

    it('may be validated asynchronously, by any validator', async () => {
      const good = await app.post('/halves', { token, headers: JSON_TYPE, body: '4' })
      expect(await good.json()).to.deep.equal({ half: 2 })
      const bad = await app.post('/halves', { token, headers: JSON_TYPE, body: '5' })
      expect(bad.status).to.equal(422)
      expect((await json(bad))['issues']).to.deep.equal([{ message: 'must be even', path: ['root', 0] }])
    })
  })

  describe('is not read before security has passed', () => {
    for (const { name, authorization, status } of [
      { name: 'nobody', authorization: async () => undefined, status: 401 },
      { name: 'a bad token', authorization: () => kit.authorization({}, { expiresIn: '-1h' }), status: 401 },
      { name: 'a caller without the role', authorization: () => kit.authorization({ roles: ['viewer'] }), status: 403 },
    ]) {
      it(`${status} for ${name} arrives while the body is still to come`, async () => {
        const header = await authorization()
        const socket = await openSocket(app.port)
        try {
          const lines = [
            'PUT /secret HTTP/1.1',
            'Host: a',
            ...(header === undefined ? [] : [`Authorization: ${header}`]),
            'Content-Type: application/json',
            'Content-Length: 100000',
          ]
          socket.write(`${lines.join('\r\n')}\r\n\r\n{"a":`)
          expect((await readAnswer(socket)).status).to.equal(status)
        } finally {
          socket.destroy()
        }
      })

      it(`${status} for ${name} whatever the body is`, async () => {
        const header = await authorization()
        const bodies: readonly (readonly [string, string])[] = [
          ['application/json', '{"a":'],
          ['application/xml', '<a/>'],
          ['application/json', JSON.stringify('x'.repeat(2 * 1024 * 1024))],
        ]
        for (const [type, body] of bodies) {
          const headers = { 'content-type': type, ...(header === undefined ? {} : { authorization: header }) }
          const response = await app.request('/secret', { method: 'PUT', headers, body })
          expect(response.status).to.equal(status)
        }
      })
    }

    it('nor for a route that does not exist', async () => {
      const head = ['POST /nowhere HTTP/1.1', 'Host: a', 'Content-Type: application/json', 'Content-Length: 9']
      expect((await rawExchange(app.port, ...head, '', '{')).status).to.equal(401)
    })
  })

  it('that other middleware has parsed is taken as it is', async () => {
    const parsed = await startApp({
      controllers: [EchoController],
      bind: (container) =>
        container.bind(KoaConfigurer).toConstantValue({
          configure: (app: Koa) => {
            app.use((ctx, next) => {
              Object.assign(ctx.request, { body: { parsed: 'elsewhere' } })
              return next()
            })
          },
        }),
    })
    try {
      const response = await parsed.post('/echo', { headers: JSON_TYPE, body: '{"a":1}' })
      expect((await json(response))['body']).to.deep.equal({ parsed: 'elsewhere' })
    } finally {
      await parsed.stop()
    }
  })

  it('is only one of the parameters', async () => {
    const response = await app.get('/args/a%20b/2?q=1&q=2&r=', { headers: { 'x-trace': 'abc' } })
    expect(await response.json()).to.deep.equal({
      id: 'a b',
      page: '2',
      params: { id: 'a b', page: '2' },
      q: ['1', '2'],
      query: { q: ['1', '2'], r: '' },
      trace: 'abc',
      path: '/args/a%20b/2',
      absent: 3,
    })
    const bare = await app.get('/args/7')
    expect(await bare.json()).to.deep.equal({ id: '7', params: { id: '7' }, query: {}, path: '/args/7', absent: 4 })
  })
})

async function json(response: Response): Promise<Record<string, unknown>> {
  return (await response.json()) as Record<string, unknown>
}

function chunks(...texts: readonly string[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const text of texts) controller.enqueue(new TextEncoder().encode(text))
      controller.close()
    },
  })
}
