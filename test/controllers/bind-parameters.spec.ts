import Router from '@koa/router'
import { expect } from 'chai'
import type Koa from 'koa'
import { after, before, describe, it } from 'mocha'
import { z } from 'zod'
import { bindParameters, type RouteContext } from '../../src/controllers/bind-parameters.js'
import type { ParameterSource } from '../../src/controllers/parameter-decorators.js'
import { BodyError } from '../../src/errors/body-error.js'
import { KoaServer, type Sent } from './koa-server.js'

const LIMIT = 1000

describe('the arguments of a method', () => {
  let server: KoaServer
  before(async () => {
    server = await new KoaServer().start()
  })
  after(() => server.close())

  /** What a method behind `/tasks/:id{/:part}` would be called with; Koa's context is shown as "ctx". */
  const argumentsOf = async (sources: readonly (ParameterSource | undefined)[], sent: Sent = {}) => {
    const bind = bindParameters(sources, LIMIT)
    let args: unknown[] | undefined
    const router = new Router()
    router.all('/tasks/:id{/:part}', async (ctx) => {
      args = (await bind(ctx as unknown as RouteContext)).map((value) => (value === ctx ? 'ctx' : value))
      ctx.status = 204
    })
    server.handle = router.routes() as unknown as Koa.Middleware
    const { status } = await server.send({ path: '/tasks/7', ...sent })
    return { status, args }
  }

  const id: ParameterSource = { from: 'path', name: 'id' }
  const table: readonly {
    what: string
    sources: readonly (ParameterSource | undefined)[]
    sent?: Sent
    args: readonly unknown[]
  }[] = [
    { what: 'none', sources: [], args: [] },
    { what: 'a path parameter', sources: [id], args: ['7'] },
    { what: 'a path parameter, decoded', sources: [id], sent: { path: '/tasks/a%2Fb%20%C3%A9' }, args: ['a/b é'] },
    { what: 'a path parameter that is left out', sources: [{ from: 'path', name: 'part' }], args: [undefined] },
    {
      what: 'all path parameters',
      sources: [{ from: 'path', name: undefined }],
      sent: { path: '/tasks/7/notes' },
      args: [{ id: '7', part: 'notes' }],
    },
    { what: 'no parameter from a prototype', sources: [{ from: 'path', name: 'constructor' }], args: [undefined] },
    {
      what: 'a query parameter',
      sources: [{ from: 'query', name: 'q' }],
      sent: { path: '/tasks/7?q=a%20b' },
      args: ['a b'],
    },
    {
      what: 'a repeated query parameter',
      sources: [{ from: 'query', name: 'q' }],
      sent: { path: '/tasks/7?q=a&q=b' },
      args: [['a', 'b']],
    },
    { what: 'an absent query parameter', sources: [{ from: 'query', name: 'q' }], args: [undefined] },
    { what: 'no query parameter from a prototype', sources: [{ from: 'query', name: '__proto__' }], args: [undefined] },
    {
      what: 'the whole query',
      sources: [{ from: 'query', name: undefined }],
      sent: { path: '/tasks/7?a=1&b=2' },
      args: [{ a: '1', b: '2' }],
    },
    {
      what: 'a header',
      sources: [{ from: 'header', name: 'x-trace' }],
      sent: { headers: { 'X-Trace': 'abc' } },
      args: ['abc'],
    },
    { what: 'an absent header', sources: [{ from: 'header', name: 'x-trace' }], args: [undefined] },
    { what: 'no header from a prototype', sources: [{ from: 'header', name: 'tostring' }], args: [undefined] },
    { what: "Koa's context", sources: [{ from: 'context' }], args: ['ctx'] },
    {
      what: 'a body',
      sources: [{ from: 'body', schema: undefined }],
      sent: { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"a":1}' },
      args: [{ a: 1 }],
    },
    {
      what: 'an absent body',
      sources: [{ from: 'body', schema: undefined }],
      sent: { method: 'POST' },
      args: [undefined],
    },
    {
      what: 'a body as its schema makes it',
      sources: [{ from: 'body', schema: z.object({ a: z.coerce.number() }) }],
      sent: { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"a":"1","b":2}' },
      args: [{ a: 1 }],
    },
    {
      what: 'the same body twice, among others',
      sources: [
        id,
        { from: 'body', schema: undefined },
        { from: 'body', schema: z.looseObject({}) },
        { from: 'context' },
      ],
      sent: { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"a":1}' },
      args: ['7', { a: 1 }, { a: 1 }, 'ctx'],
    },
    { what: 'undefined where nothing is said', sources: [undefined, id, undefined], args: [undefined, '7', undefined] },
    // biome-ignore lint/suspicious/noSparseArray: decorators leave holes
    { what: 'undefined in a hole', sources: [, id], args: [undefined, '7'] },
  ]
  for (const { what, sources, sent, args } of table) {
    it(`are ${what}`, async () => {
      const answer = await argumentsOf(sources, sent)
      expect(answer.status).to.equal(204)
      expect(answer.args?.map(plain)).to.deep.equal(args)
    })
  }

  it('are read without a promise where there is no body', async () => {
    expect(bindParameters([{ from: 'context' }], LIMIT)({} as RouteContext)).to.deep.equal([{}])
  })

  for (const { what, body, code } of [
    { what: 'does not conform', body: '{"a":"x"}', code: 'body_invalid' },
    { what: 'is broken', body: '{', code: 'body_malformed' },
    { what: 'is too large', body: JSON.stringify({ a: 'x'.repeat(LIMIT) }), code: 'body_too_large' },
  ]) {
    it(`are none when the body ${what}`, async () => {
      let failure: unknown
      const bind = bindParameters([{ from: 'body', schema: z.object({ a: z.number() }) }], LIMIT)
      server.handle = async (ctx) => {
        failure = await Promise.resolve(bind(ctx as unknown as RouteContext)).catch((error: unknown) => error)
        ctx.status = 204
      }
      await server.send({ method: 'POST', headers: { 'content-type': 'application/json' }, body })
      expect(failure).to.be.instanceOf(BodyError).with.property('code', code)
    })
  }
})

/** The same members in a plain object: `query` has no prototype. */
function plain(value: unknown): unknown {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : value
}
