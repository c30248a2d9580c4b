import { once } from 'node:events'
import { type ClientHttp2Stream, connect as connectHttp2, createServer } from 'node:http2'
import { type AddressInfo, connect } from 'node:net'
import { json } from 'node:stream/consumers'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { expect } from 'chai'
import Koa from 'koa'
import { after, before, beforeEach, describe, it } from 'mocha'
import { z } from 'zod'
import { conformingBody, readBody } from '../../src/controllers/read-body.js'
import { isStandardSchema, type StandardIssue, type StandardSchema } from '../../src/controllers/standard-schema.js'
import { BodyError } from '../../src/errors/body-error.js'
import { eventually } from '../keys/eventually.js'
import { rejection } from '../keys/rejection.js'
import { KoaServer, type Sent } from './koa-server.js'

const LIMIT = 1000
const JSON_TYPE = { 'content-type': 'application/json' }
const FORM_TYPE = { 'content-type': 'application/x-www-form-urlencoded' }
const TEXT_TYPE = { 'content-type': 'text/plain' }

describe('the body of a request', () => {
  let server: KoaServer
  before(async () => {
    server = await new KoaServer().start()
  })
  after(() => server.close())

  let seen: { body: unknown } | undefined
  let failure: unknown
  beforeEach(() => {
    seen = undefined
    failure = undefined
    server.handle = async (ctx) => {
      try {
        seen = { body: await readBody(ctx, LIMIT) }
        ctx.status = 204
      } catch (error) {
        failure = error
        throw error
      }
    }
  })

  const bodyOf = async (sent: Sent): Promise<unknown> => {
    const { status, text } = await server.send({ method: 'POST', ...sent })
    expect({ status, text, failure }).to.deep.equal({ status: 204, text: '', failure: undefined })
    return seen?.body
  }
  const errorOf = async (sent: Sent) => {
    const { status } = await server.send({ method: 'POST', ...sent })
    expect(failure).to.be.instanceOf(BodyError)
    const { code } = failure as BodyError
    expect(status).to.equal((failure as BodyError).status)
    return code
  }

  describe('is parsed', () => {
    const json = [
      ['{"a":[1,{"b":null}]}', { a: [1, { b: null }] }],
      ['[]', []],
      ['5', 5],
      ['"text"', 'text'],
      ['false', false],
      ['null', null],
      [' {"a":1}\n', { a: 1 }],
      ['{"é":"😀"}', { é: '😀' }],
      ['['.repeat(100) + ']'.repeat(100), JSON.parse('['.repeat(100) + ']'.repeat(100))],
    ] as const
    for (const [text, value] of json) {
      it(`from JSON: ${text.trim()}`, async () => {
        expect(await bodyOf({ headers: JSON_TYPE, body: text })).to.deep.equal(value)
      })
    }

    for (const type of [
      'application/json; charset=utf-8',
      'APPLICATION/JSON',
      'application/merge-patch+json',
      'application/problem+json;v=1',
    ]) {
      it(`from JSON that says it is ${type}`, async () => {
        expect(await bodyOf({ headers: { 'content-type': type }, body: '{"a":1}' })).to.deep.equal({ a: 1 })
      })
    }

    for (const { body, value } of [
      { body: 'a=1&b=two+words&c=%C3%A9', value: { a: '1', b: 'two words', c: 'é' } },
      { body: 'a=1&a=2', value: { a: ['1', '2'] } },
      { body: 'a[b]=1&a[c]=2', value: { 'a[b]': '1', 'a[c]': '2' } },
      { body: 'a.b=1', value: { 'a.b': '1' } },
      { body: 'a', value: { a: '' } },
      { body: '%', value: { '%': '' } },
    ]) {
      it(`from a form: ${body}`, async () => {
        expect(await bodyOf({ headers: FORM_TYPE, body })).to.deep.equal(value)
      })
    }

    it('from a form, a name as often as it is there', async () => {
      const body = Array.from({ length: 30 }, (_, i) => `tag=${i}`).join('&')
      expect(await bodyOf({ headers: FORM_TYPE, body })).to.deep.equal({
        tag: Array.from({ length: 30 }, (_, i) => `${i}`),
      })
    })

    it('from a form as a whole or not at all, however many names it has', async () => {
      server.handle = async (ctx) => {
        const names = await readBody(ctx, 100_000).then(
          (body) => Object.keys(body as object).length,
          () => 0,
        )
        ctx.body = String(names)
      }
      const body = Array.from({ length: 1500 }, (_, i) => `name${i}=1`).join('&')
      const { text } = await server.send({ method: 'POST', headers: FORM_TYPE, body })
      expect(['0', '1500']).to.include(text)
    })

    for (const type of ['text/plain', 'text/plain; charset=utf-8', 'text/csv', 'text/markdown']) {
      it(`from text: ${type}`, async () => {
        expect(await bodyOf({ headers: { 'content-type': type }, body: 'a,é\n' })).to.equal('a,é\n')
      })
    }

    it('for every method that sends one', async () => {
      for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'GET']) {
        expect(await bodyOf({ method, headers: { ...JSON_TYPE, 'content-length': 7 }, body: '{"a":1}' })).to.deep.equal(
          {
            a: 1,
          },
        )
      }
    })

    it('from chunks, also when they cut characters in two', async () => {
      const [first, second] = [Buffer.from('{"a":"é"}').subarray(0, 7), Buffer.from('{"a":"é"}').subarray(7)]
      expect(await bodyOf({ headers: JSON_TYPE, body: [first, second] })).to.deep.equal({ a: 'é' })
    })

    for (const [encoding, compress] of Object.entries({
      gzip: gzipSync,
      deflate: deflateSync,
      br: brotliCompressSync,
    })) {
      it(`from ${encoding}`, async () => {
        const headers = { ...JSON_TYPE, 'content-encoding': encoding }
        expect(await bodyOf({ headers, body: compress('{"a":1}') })).to.deep.equal({ a: 1 })
      })
    }

    it('once, however often it is asked for', async () => {
      server.handle = async (ctx) => {
        const first = await readBody(ctx, LIMIT)
        ctx.body = String(first === (await readBody(ctx, LIMIT)))
      }
      expect(await server.send({ method: 'POST', headers: JSON_TYPE, body: '{"a":1}' })).to.include({ text: 'true' })
    })

    it('not at all where other middleware has parsed it', async () => {
      server.handle = async (ctx) => {
        Object.assign(ctx.request, { body: { parsed: 'already' } })
        ctx.body = await readBody(ctx, LIMIT)
      }
      const { text } = await server.send({ method: 'POST', headers: JSON_TYPE, body: '{"a":' })
      expect(JSON.parse(text)).to.deep.equal({ parsed: 'already' })
    })
  })

  describe('is undefined', () => {
    const empty: Readonly<Record<string, Sent>> = {
      'when none is sent': {},
      'when none is sent, though there is a type': { headers: { ...JSON_TYPE, 'content-length': 0 } },
      'when none is sent, of a type that would not do': {
        headers: { 'content-type': 'image/png', 'content-length': 0 },
      },
      'when none is sent with GET': { method: 'GET' },
      'when JSON in chunks turns out to be empty': { headers: JSON_TYPE, body: [] },
    }
    for (const [what, sent] of Object.entries(empty)) {
      it(what, async () => {
        expect(await bodyOf(sent)).to.equal(undefined)
      })

      it(`${what}, asked twice`, async () => {
        server.handle = async (ctx) => {
          seen = { body: [await readBody(ctx, LIMIT), await readBody(ctx, LIMIT)] }
          ctx.status = 204
        }
        expect(await bodyOf(sent)).to.deep.equal([undefined, undefined])
      })
    }
  })

  describe('is refused', () => {
    const refused: readonly { what: string; sent: Sent; code: string }[] = [
      { what: 'broken JSON', sent: { headers: JSON_TYPE, body: '{"a":' }, code: 'body_malformed' },
      { what: 'JSON of spaces only', sent: { headers: JSON_TYPE, body: '  ' }, code: 'body_malformed' },
      {
        what: 'JSON with __proto__',
        sent: { headers: JSON_TYPE, body: '{"a":{"__proto__":{"b":1}}}' },
        code: 'body_malformed',
      },
      {
        what: 'JSON with __proto__ escaped',
        sent: { headers: JSON_TYPE, body: '{"\\u005f_proto__":{"b":1}}' },
        code: 'body_malformed',
      },
      {
        what: 'JSON of 101 levels',
        sent: { headers: JSON_TYPE, body: '['.repeat(101) + ']'.repeat(101) },
        code: 'body_malformed',
      },
      {
        what: 'JSON with one member among others that nests 101 levels',
        sent: {
          headers: JSON_TYPE,
          body: `{"a":[1,{"b":${'['.repeat(98)}${']'.repeat(98)}}],"c":[[${'{"d":'.repeat(98)}1${'}'.repeat(98)}]]}`,
        },
        code: 'body_malformed',
      },
      { what: 'an image', sent: { headers: { 'content-type': 'image/png' }, body: 'x' }, code: 'body_unsupported' },
      { what: 'no type', sent: { body: 'x' }, code: 'body_unsupported' },
      {
        what: 'a type that is none',
        sent: { headers: { 'content-type': 'json' }, body: '{}' },
        code: 'body_unsupported',
      },
      {
        what: 'several parts',
        sent: { headers: { 'content-type': 'multipart/form-data; boundary=x' }, body: '--x--' },
        code: 'body_unsupported',
      },
      {
        what: 'an unknown encoding',
        sent: { headers: { ...JSON_TYPE, 'content-encoding': 'zstd' }, body: '{}' },
        code: 'body_unsupported',
      },
      {
        what: 'two encodings',
        sent: { headers: { ...JSON_TYPE, 'content-encoding': 'gzip, gzip' }, body: gzipSync('{}') },
        code: 'body_unsupported',
      },
      {
        what: 'something that is not gzip',
        sent: { headers: { ...JSON_TYPE, 'content-encoding': 'gzip' }, body: '{"a":1}' },
        code: 'body_malformed',
      },
      {
        what: 'gzip that is cut off',
        sent: { headers: { ...JSON_TYPE, 'content-encoding': 'gzip' }, body: gzipSync('{"a":1}').subarray(0, 15) },
        code: 'body_malformed',
      },
    ]
    for (const { what, sent, code } of refused) {
      it(`${code}: ${what}`, async () => {
        expect(await errorOf(sent)).to.equal(code)
      })
    }

    it('without repeating any of it, not even in the cause', async () => {
      await errorOf({ headers: JSON_TYPE, body: '{"SECRET":' })
      const { message, cause, extensions } = failure as BodyError
      expect({ message, cause, extensions }).to.deep.equal({
        message: 'Malformed request body',
        cause: undefined,
        extensions: {},
      })
    })

    for (const encoding of ['identity', 'gzip']) {
      it(`when the client hangs up in the middle: ${encoding}`, async () => {
        const socket = connect(server.port, '127.0.0.1')
        const head = ['POST / HTTP/1.1', 'Host: x', 'Content-Type: application/json', 'Content-Length: 100']
        socket.write([...head, `Content-Encoding: ${encoding}`, '', ''].join('\r\n'))
        socket.write(encoding === 'gzip' ? gzipSync('{"a":1}').subarray(0, 15) : '{"a":')
        setTimeout(() => socket.destroy(), 20)
        await eventually(() => failure !== undefined, 'the failure')
        expect(failure).to.be.instanceOf(BodyError).with.property('code', 'body_malformed')
      })

      it(`when the client has hung up before anybody reads: ${encoding}`, async () => {
        server.handle = async (ctx) => {
          await eventually(() => ctx.req.destroyed, 'the end of the connection')
          failure = await rejection(readBody(ctx, LIMIT), Error)
        }
        const socket = connect(server.port, '127.0.0.1')
        const head = ['POST / HTTP/1.1', 'Host: x', 'Content-Type: application/json', 'Content-Length: 100']
        socket.write([...head, `Content-Encoding: ${encoding}`, '', '{'].join('\r\n'), () => socket.destroy())
        await eventually(() => failure !== undefined, 'the failure')
        expect(failure).to.be.instanceOf(BodyError).with.property('code', 'body_malformed')
      })
    }

    it('as the mistake of the application when somebody has read it before', async () => {
      server.handle = async (ctx) => {
        ctx.req.resume()
        await eventually(() => ctx.req.readableEnded, 'the end of the body')
        failure = await rejection(readBody(ctx, LIMIT), Error)
        ctx.status = 204
      }
      await server.send({ method: 'POST', headers: JSON_TYPE, body: '{}' })
      expect(failure).not.to.be.instanceOf(BodyError)
      expect(failure).to.have.property('status', 500)
    })
  })

  it('may come by HTTP/2 without a length', async () => {
    const app = new Koa().use(async (ctx) => {
      ctx.body = { read: (await readBody(ctx, LIMIT)) ?? null }
    })
    const http2 = createServer(app.callback()).listen(0, '127.0.0.1')
    await once(http2, 'listening')
    const session = connectHttp2(`http://127.0.0.1:${(http2.address() as AddressInfo).port}`)
    try {
      const headers = { ':method': 'POST', ':path': '/' }
      const answers = [
        await exchange(session.request({ ...headers, ...JSON_TYPE }), '{"a":1}'),
        await exchange(session.request({ ...headers, 'content-type': 'Application/Vnd.x+JSON; v=1' }), '[2]'),
        await exchange(session.request({ ...headers, ...FORM_TYPE }), 'b=3'),
        await exchange(session.request({ ...headers, ...TEXT_TYPE }), 'four'),
        await exchange(session.request(headers), 'five'),
      ]
      expect(answers).to.deep.equal([{ a: 1 }, [2], { b: '3' }, 'four', null])
    } finally {
      session.destroy()
      http2.close()
    }
  })

  describe('is limited', () => {
    const of = (size: number) => JSON.stringify('a'.repeat(size - 2))
    const kinds: Readonly<Record<string, (size: number) => Sent>> = {
      JSON: (size) => ({ headers: JSON_TYPE, body: of(size) }),
      'a form': (size) => ({ headers: FORM_TYPE, body: `a=${'b'.repeat(size - 2)}` }),
      text: (size) => ({ headers: TEXT_TYPE, body: 'a'.repeat(size) }),
      'JSON in chunks': (size) => ({ headers: JSON_TYPE, body: [of(size).slice(0, 10), of(size).slice(10)] }),
      'JSON after decompression': (size) => ({
        headers: { ...JSON_TYPE, 'content-encoding': 'gzip' },
        body: gzipSync(of(size)),
      }),
      'text after decompression, though it says it is short': (size) => ({
        headers: { ...TEXT_TYPE, 'content-encoding': 'br' },
        body: brotliCompressSync('a'.repeat(size)),
      }),
    }
    for (const [what, sent] of Object.entries(kinds)) {
      it(`to the byte: ${what}`, async () => {
        expect(await bodyOf(sent(LIMIT))).not.to.equal(undefined)
        expect(await errorOf(sent(LIMIT + 1))).to.equal('body_too_large')
      })
    }

    it('by what its length says, before any of it is read', async () => {
      const socket = connect(server.port, '127.0.0.1')
      socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 1001\r\n\r\n')
      await eventually(() => failure !== undefined, 'the failure')
      socket.destroy()
      expect(failure).to.have.property('code', 'body_too_large')
    })

    it('also where its length does not fit into 32 bits', async () => {
      const socket = connect(server.port, '127.0.0.1')
      socket.on('error', () => undefined)
      const head = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 4294967300\r\n\r\n'
      socket.write(head + 'a'.repeat(LIMIT + 1))
      await eventually(() => failure !== undefined, 'the failure')
      socket.destroy()
      expect(failure).to.have.property('code', 'body_too_large')
    })
  })

  describe('poisons no prototype', () => {
    for (const sent of [
      { headers: FORM_TYPE, body: '__proto__[polluted]=1' },
      { headers: FORM_TYPE, body: 'a[__proto__][polluted]=1' },
      { headers: FORM_TYPE, body: 'constructor[prototype][polluted]=1' },
      { headers: FORM_TYPE, body: 'a[constructor][prototype][polluted]=1' },
    ]) {
      it(sent.body, async () => {
        const body = (await bodyOf(sent)) as Record<string, Record<string, unknown>>
        for (const value of [{}, body, body['a'] ?? {}]) {
          expect((value as { polluted?: unknown }).polluted).to.equal(undefined)
          expect([Object.prototype, null]).to.include(Object.getPrototypeOf(value))
        }
      })
    }

    it('and takes a name with brackets for what it is: a name', async () => {
      const name = `a${'[b]'.repeat(300)}`
      expect(await bodyOf({ headers: FORM_TYPE, body: `${name}=1` })).to.deep.equal({ [name]: '1' })
    })
  })
})

describe('a body with a schema', () => {
  const Task = z.object({
    title: z.string().min(1),
    tags: z.array(z.string()).default([]),
    due: z.coerce.date().optional(),
  })

  it('is what the schema makes of it', async () => {
    expect(await conformingBody({ title: 'Write', extra: 1, due: '2030-01-01' }, Task)).to.deep.equal({
      title: 'Write',
      tags: [],
      due: new Date('2030-01-01'),
    })
  })

  it('waits for schemas that take their time', async () => {
    const Free = z.string().refine(async (name) => name !== 'taken', 'is taken')
    expect(await conformingBody('free', Free)).to.equal('free')
    const { issues } = await rejection(conformingBody('taken', Free), BodyError)
    expect(issues).to.deep.equal([{ message: 'is taken', path: [] }])
  })

  it('may make undefined of it', async () => {
    expect(await conformingBody(undefined, z.string().optional())).to.equal(undefined)
  })

  for (const { body, paths } of [
    { body: undefined, paths: [[]] },
    { body: 'text', paths: [[]] },
    { body: {}, paths: [['title']] },
    { body: { title: '', tags: ['a', 5] }, paths: [['title'], ['tags', 1]] },
  ]) {
    it(`is refused with every issue and its place: ${JSON.stringify(body)}`, async () => {
      const { code, issues } = await rejection(conformingBody(body, Task), BodyError)
      expect(code).to.equal('body_invalid')
      expect(issues.map(({ path }) => path)).to.deep.equal(paths)
      for (const { message } of issues) expect(message).to.be.a('string').and.not.equal('')
    })
  }

  const finding = (...issues: readonly StandardIssue[]): StandardSchema => ({
    '~standard': { version: 1, vendor: 'test', validate: () => ({ issues }) },
  })

  it('has its issues in plain JSON, however a schema writes paths', async () => {
    const symbol = Symbol('hidden')
    const schema = finding(
      { message: 'a' },
      { message: 'b', path: undefined },
      { message: 'c', path: [{ key: 'tags' }, 0, { key: 1 }, symbol, { key: symbol }] },
    )
    const { issues } = await rejection(conformingBody({}, schema), BodyError)
    expect(issues).to.deep.equal([
      { message: 'a', path: [] },
      { message: 'b', path: [] },
      { message: 'c', path: ['tags', 0, 1, 'Symbol(hidden)', 'Symbol(hidden)'] },
    ])
  })

  it('has no more of an issue than its message and path', async () => {
    const issue = { message: 'a', path: ['b'], input: 'SECRET' }
    const { issues } = await rejection(conformingBody({}, finding(issue)), BodyError)
    expect(JSON.stringify(issues)).not.to.contain('SECRET')
  })

  for (const { value, is } of [
    { value: z.string(), is: true },
    { value: Task, is: true },
    { value: finding(), is: true },
    { value: Object.assign(() => undefined, finding()), is: true },
    { value: undefined, is: false },
    { value: null, is: false },
    { value: 'schema', is: false },
    { value: {}, is: false },
    { value: () => undefined, is: false },
    { value: { '~standard': {} }, is: false },
    { value: { '~standard': null }, is: false },
    { value: { '~standard': { validate: true } }, is: false },
  ]) {
    it(`${is ? 'is' : 'is not'} checked by ${Object.prototype.toString.call(value)}`, () => {
      expect(isStandardSchema(value)).to.equal(is)
    })
  }
})

async function exchange(stream: ClientHttp2Stream, body: string): Promise<unknown> {
  stream.end(body)
  return ((await json(stream)) as { readonly read: unknown }).read
}
