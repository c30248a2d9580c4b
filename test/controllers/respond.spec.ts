import { AsyncLocalStorage } from 'node:async_hooks'
import { Readable } from 'node:stream'
import { expect } from 'chai'
import type Koa from 'koa'
import { after, before, describe, it } from 'mocha'
import { respond } from '../../src/controllers/respond.js'
import { KoaServer } from './koa-server.js'

describe('what a method returns', () => {
  let server: KoaServer
  before(async () => {
    server = await new KoaServer().start()
  })
  after(() => server.close())

  interface Response {
    readonly what: string
    readonly act?: (ctx: Koa.Context) => unknown
    readonly status?: number
    readonly answers: number
    readonly text?: string
    readonly type?: string
    readonly location?: string
  }

  const responses: readonly Response[] = [
    {
      what: 'an object',
      act: () => ({ a: 1 }),
      answers: 200,
      text: '{"a":1}',
      type: 'application/json; charset=utf-8',
    },
    { what: 'a list', act: () => [1], answers: 200, text: '[1]', type: 'application/json; charset=utf-8' },
    { what: 'a text', act: () => 'hello', answers: 200, text: 'hello', type: 'text/plain; charset=utf-8' },
    { what: 'an empty text', act: () => '', answers: 200, text: '' },
    { what: 'zero', act: () => 0, answers: 200, text: '0' },
    { what: 'false', act: () => false, answers: 200, text: 'false' },
    { what: 'bytes', act: () => Buffer.from('abc'), answers: 200, text: 'abc', type: 'application/octet-stream' },
    {
      what: 'a stream',
      act: () => Readable.from(['a', 'b']),
      answers: 200,
      text: 'ab',
      type: 'application/octet-stream',
    },
    { what: 'undefined', answers: 204, text: '' },
    { what: 'null', act: () => null, answers: 204, text: '' },
    { what: 'an object, with a status', act: () => ({ a: 1 }), status: 201, answers: 201, text: '{"a":1}' },
    { what: 'a stream, with a status', act: () => Readable.from(['a']), status: 202, answers: 202, text: 'a' },
    { what: 'undefined, with a status', status: 202, answers: 202, text: '' },
    { what: 'undefined, with a status that has no body', status: 205, answers: 205, text: '' },
    { what: 'null, with a status', act: () => null, status: 202, answers: 202, text: '' },
    { what: 'an object, with 204', act: () => ({ a: 1 }), status: 204, answers: 204, text: '' },
    {
      what: 'an object, after the method has chosen a type',
      act: (ctx) => {
        ctx.type = 'application/hal+json'
        return { a: 1 }
      },
      answers: 200,
      text: '{"a":1}',
      type: 'application/hal+json',
    },
    {
      what: 'an object, after the method has chosen a status',
      act: (ctx) => {
        ctx.status = 203
        return { a: 1 }
      },
      answers: 203,
      text: '{"a":1}',
    },
    {
      what: 'undefined, after a redirect',
      act: (ctx) => ctx.redirect('/elsewhere'),
      answers: 302,
      location: '/elsewhere',
    },
    {
      what: 'undefined, after a redirect, in spite of a status',
      act: (ctx) => ctx.redirect('/elsewhere'),
      status: 201,
      answers: 302,
      location: '/elsewhere',
    },
    {
      what: 'undefined, after the method has said 404',
      act: (ctx) => {
        ctx.status = 404
      },
      answers: 404,
      text: 'Not Found',
    },
    {
      what: 'undefined, after the method has said 418',
      act: (ctx) => {
        ctx.status = 418
      },
      answers: 418,
    },
    {
      what: 'undefined, after the method has written the body',
      act: (ctx) => {
        ctx.body = 'own'
      },
      answers: 200,
      text: 'own',
    },
    {
      what: 'undefined, after the method has emptied the body',
      act: (ctx) => {
        ctx.body = null
      },
      answers: 204,
      text: '',
    },
    {
      what: 'undefined, after the method has answered past Koa',
      act: (ctx) => {
        ctx.respond = false
        ctx.res.writeHead(207).end('raw')
      },
      answers: 207,
      text: 'raw',
    },
    {
      what: 'undefined, after the method has begun to answer past Koa',
      act: (ctx) => {
        ctx.res.writeHead(207)
        ctx.res.end('raw')
      },
      answers: 207,
      text: 'raw',
    },
    {
      what: 'undefined, before the method answers past Koa',
      act: (ctx) => {
        ctx.respond = false
        setTimeout(() => ctx.res.writeHead(207).end('late'), 5)
      },
      status: 201,
      answers: 207,
      text: 'late',
    },
  ]
  for (const { what, act = () => undefined, status, answers, text, type, location } of responses) {
    it(`is the response: ${what}${status === undefined ? '' : ` ${status}`} is ${answers}`, async () => {
      server.errors.length = 0
      server.handle = (ctx) => respond(ctx, act(ctx), status)
      const answer = await server.send()
      expect(answer.status).to.equal(answers)
      if (text !== undefined) expect(answer.text).to.equal(text)
      if (type !== undefined) expect(answer.headers['content-type']).to.equal(type)
      expect(answer.headers['location']).to.equal(location)
      if (answers === 204) expect(answer.headers).not.to.have.any.keys('content-type', 'content-length')
      expect(server.errors).to.deep.equal([])
    })
  }

  /** Hides what nobody is to see, in the place of Koa's own `ctx.body`. */
  const redacting: PropertyDescriptor & ThisType<Koa.Context> = {
    configurable: true,
    get() {
      return this.response.body
    },
    set(value: object) {
      this.response.body = { ...value, secret: '*' }
    },
  }
  const answers = async () => {
    server.handle = (ctx) => respond(ctx, { secret: '1' }, undefined)
    return (await server.send()).text
  }

  it("goes through an application's own ctx.body", async () => {
    const { context } = server.app
    Object.defineProperty(context, 'body', redacting)
    try {
      expect(await answers()).to.equal('{"secret":"*"}')
    } finally {
      Reflect.deleteProperty(context, 'body')
    }
    expect(await answers()).to.equal('{"secret":"1"}')
  })

  it("keeps the context of a stream that an application's own ctx.body makes of an answer", async () => {
    const store = new AsyncLocalStorage<string>()
    server.handle = (ctx) => {
      const lazy = new Readable({
        read() {
          this.push(`read by ${store.getStore()}`)
          this.push(null)
        },
      })
      Object.defineProperty(ctx, 'body', {
        get: () => ctx.response.body,
        set: () => {
          ctx.response.body = lazy
        },
      })
      store.run('ann', () => respond(ctx, { secret: '1' }, undefined))
    }
    expect((await server.send()).text).to.equal('read by ann')
  })

  it("goes through a context's own body, and through one that its application's context inherits", async () => {
    server.handle = (ctx) => {
      Object.defineProperty(ctx, 'body', redacting)
      respond(ctx, { secret: '1' }, undefined)
    }
    expect((await server.send()).text).to.equal('{"secret":"*"}')
    const { context } = server.app
    const koas: object = Object.getPrototypeOf(context)
    Object.setPrototypeOf(context, Object.create(koas, { body: redacting }))
    try {
      expect(await answers()).to.equal('{"secret":"*"}')
    } finally {
      Object.setPrototypeOf(context, koas)
    }
  })
})
