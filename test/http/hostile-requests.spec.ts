import { expect } from 'chai'
import {
  AllowAnonymous,
  Body,
  Controller,
  Get,
  Header,
  OptionalAuthentication,
  Param,
  Post,
  Query,
  RequiresRole,
  SecurityContext,
} from 'inversify-koa-auth'
import { after, before, beforeEach, describe, it } from 'mocha'
import { z } from 'zod'
import { openSocket, rawExchange, readAnswer } from '../support/raw-exchange.js'
import { kit, type RunningApp, startApp } from '../support/start-app.js'

@Controller()
class TargetController {
  @Get('/u/:id')
  @AllowAnonymous()
  find(@Param('id') id: string, @Query() query: object, @Header('x-odd') odd: string | undefined) {
    return { id, query, odd }
  }

  @Get('/files/*path')
  @OptionalAuthentication()
  file(@Param('path') path: string) {
    return { path }
  }

  @Get('/me') me() {
    return { sub: SecurityContext.require().sub }
  }

  @Post('/echo')
  @AllowAnonymous()
  echo(@Body() body: unknown) {
    return { type: typeof body }
  }

  @Post('/names') names(@Body(z.object({ name: z.string() })) body: { name: string }) {
    return body
  }

  @Get('/admin')
  @RequiresRole('admin')
  admin() {
    return 'admin'
  }
}

const b64 = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

describe('whatever a client sends', () => {
  let app: RunningApp
  let failures = 0

  before(async () => {
    app = await startApp({ controllers: [TargetController] })
  })
  after(() => app.stop())
  beforeEach(() => {
    failures = app.errors.length
  })

  describe('the answer is never 500:', () => {
    for (const target of [
      '/u/%',
      '/u/%E0%A4%A',
      '/u/%00',
      '/u/..%2f..%2fetc%2fpasswd',
      '/u/1?%',
      '/u/1?a[b]=c&a[b][c]=d&__proto__[x]=1&constructor=2',
      `/u/1?${'a=1&'.repeat(2000)}`,
      `/u/${'x'.repeat(8000)}`,
      '/files/a/../../b',
      '/files/%2e%2e/%2e%2e/b',
      '//',
      '//evil.test/u/1',
      '/u//1',
      '/u/1#fragment',
      '/u/1;jsessionid=2',
      '/u/\\1',
      '/u/\u00e9',
      'http://evil.test/me',
      'http://[/me',
      'http://[::1/me',
      'http://a:99999/me',
      'http://a:b@c/me',
      'ftp://evil.test/me',
      '*',
    ]) {
      it(`GET ${target.slice(0, 60)}`, async () => {
        const answer = await rawExchange(app.port, `GET ${target} HTTP/1.1`, 'Host: a', '', '')
        expect(answer.status).to.be.oneOf([200, 400, 401, 404])
        expect(app.errors.slice(failures)).to.deep.equal([])
      })
    }

    for (const { name, lines } of [
      { name: 'no Host in HTTP/1.0', lines: ['GET /u/1 HTTP/1.0'] },
      { name: 'an odd Host', lines: ['GET /u/1 HTTP/1.1', 'Host: a@b:c@d'] },
      { name: 'an odd header', lines: ['GET /u/1 HTTP/1.1', 'Host: a', 'X-Odd: \u00ff\u00fe'] },
      { name: 'a header twice', lines: ['GET /u/1 HTTP/1.1', 'Host: a', 'X-Odd: 1', 'x-odd: 2'] },
      { name: 'a header named like a prototype member', lines: ['GET /u/1 HTTP/1.1', 'Host: a', '__proto__: 1'] },
      { name: 'a length that is no number', lines: ['POST /echo HTTP/1.1', 'Host: a', 'Content-Length: x'] },
      {
        name: 'a body with both lengths',
        lines: ['POST /echo HTTP/1.1', 'Host: a', 'Content-Length: 3', 'Transfer-Encoding: chunked', '', '0', ''],
      },
      {
        name: 'an odd Content-Type',
        lines: ['POST /echo HTTP/1.1', 'Host: a', 'Content-Type: ;;;=,\u00ff', 'Content-Length: 2', '', '{}'],
      },
      {
        name: 'an odd charset',
        lines: [
          'POST /echo HTTP/1.1',
          'Host: a',
          'Content-Type: application/json; charset=klingon',
          'Content-Length: 2',
          '',
          '{}',
        ],
      },
      {
        name: 'several encodings',
        lines: [
          'POST /echo HTTP/1.1',
          'Host: a',
          'Content-Type: application/json',
          'Content-Encoding: gzip, br',
          'Content-Length: 2',
          '',
          '{}',
        ],
      },
    ]) {
      it(name, async () => {
        const answer = await rawExchange(app.port, ...lines, '', '')
        expect(answer.status).to.be.oneOf([200, 400, 401, 415])
        expect(app.errors.slice(failures)).to.deep.equal([])
      })
    }

    for (const [name, body] of [
      ['a million brackets', '['.repeat(1_000_000)],
      ['deeply nested JSON', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
      ['invalid UTF-8', Buffer.from([0x22, 0xff, 0xfe, 0x22])],
      ['a lone surrogate', '"\\ud800"'],
      ['a number beyond all numbers', '1e999'],
      ['a NUL', '"\u0000"'],
    ] as const) {
      it(`as JSON ${name}`, async () => {
        const response = await app.post('/echo', { headers: { 'content-type': 'application/json' }, body })
        expect(response.status).to.be.oneOf([200, 400])
        expect(app.errors.slice(failures)).to.deep.equal([])
      })
    }

    it('as a form of a thousand parameters, deep ones among them', async () => {
      const body = `${'a=1&'.repeat(1500)}b${'[c]'.repeat(100)}=d&__proto__[admin]=1`
      const headers = { 'content-type': 'application/x-www-form-urlencoded' }
      const response = await app.post('/echo', { headers, body })
      expect(response.status).to.be.oneOf([200, 400, 413])
      expect(app.errors.slice(failures)).to.deep.equal([])
    })

    it('a body that ends early', async () => {
      const socket = await openSocket(app.port)
      const head = ['POST /echo HTTP/1.1', 'Host: a', 'Content-Type: application/json', 'Content-Length: 100']
      socket.end(`${head.join('\r\n')}\r\n\r\n{"a":`)
      const { status } = await readAnswer(socket)
      socket.destroy()
      expect(status).to.be.oneOf([0, 400])
    })

    const header = b64({ alg: 'RS256', typ: 'JWT' })
    for (const [name, token] of [
      ['dots', '..'],
      ['an empty header', `.${b64({})}.c2ln`],
      ['a header that is no JSON', `${b64('{')}.${b64({})}.c2ln`],
      ['a header that is a list', `${b64([])}.${b64({})}.c2ln`],
      ['a header that is null', `${b64('null')}.${b64({})}.c2ln`],
      ['an algorithm that is a number', `${b64({ alg: 1 })}.${b64({})}.c2ln`],
      ['an algorithm named like a prototype member', `${b64({ alg: 'constructor' })}.${b64({})}.c2ln`],
      ['a key id that is an object', `${b64({ alg: 'RS256', kid: {} })}.${b64({})}.c2ln`],
      ['a key id named like a prototype member', `${b64({ alg: 'RS256', kid: '__proto__' })}.${b64({})}.c2ln`],
      ['a key of its own', `${b64({ alg: 'RS256', jwk: { kty: 'RSA' }, jku: 'http://evil.test' })}.${b64({})}.c2ln`],
      ['a member twice', `${b64('{"alg":"RS256","alg":"none"}')}.${b64({})}.c2ln`],
      ['a payload that is no JSON', `${header}.${b64('{')}.c2ln`],
      ['an empty signature', `${header}.${b64({})}.`],
      ['an encrypted token', `${b64({ alg: 'dir', enc: 'A256GCM' })}....`],
      [
        'deeply nested JSON for a header',
        `${b64(`{"alg":"RS256","x":${'['.repeat(2000)}${']'.repeat(2000)}}`)}.e30.c2ln`,
      ],
      ['padding', `${header}.${b64({})}.c2ln==`],
    ] as const) {
      it(`as a token ${name}`, async () => {
        const response = await app.get('/me', { token })
        expect(response.status).to.equal(401)
        expect(response.headers.get('www-authenticate')).to.equal('Bearer error="invalid_token"')
        expect(app.errors.slice(failures)).to.deep.equal([])
      })
    }

    for (const claims of [
      { sub: 5 },
      { sub: { admin: true } },
      { jti: [] },
      { aud: [kit.audience, 5] },
      { aud: { 0: kit.audience } },
      { exp: 'soon' },
      { exp: null },
      { exp: -1 },
      { nbf: '0' },
      { iat: {} },
      { iss: [kit.issuer] },
    ]) {
      it(`as a signed token with ${JSON.stringify(claims)}`, async () => {
        const response = await app.get('/me', { token: await kit.makeToken(claims) })
        expect(response.status).to.equal(401)
        expect(app.errors.slice(failures)).to.deep.equal([])
      })
    }

    for (const claims of [
      { role: { toString: 'x' } },
      { role: [null, 5, ['admin'], {}] },
      { groups: 'staff', permissions: { a: 1 }, scope: 7 },
      { email: ['ann@example.com'], email_verified: 'true', name: null },
      { __proto__: { role: 'admin' }, constructor: 'x', hasOwnProperty: 1 },
    ]) {
      it(`and as claims of the wrong type ${JSON.stringify(claims)} grant nothing`, async () => {
        const token = await kit.makeToken(claims)
        expect((await app.get('/me', { token })).status).to.equal(200)
        expect((await app.get('/admin', { token })).status).to.equal(403)
      })
    }
  })

  describe('no refusal repeats', () => {
    const marks = {
      sub: 'sub-marker',
      email: 'email-marker@example.com',
      role: ['role-marker'],
      jti: 'jti-marker',
      custom: 'custom-marker',
    }
    const cases: readonly {
      readonly name: string
      readonly status: number
      readonly path?: string
      readonly method?: string
      readonly authorization: () => Promise<string>
      readonly body?: string
    }[] = [
      { name: 'an expired token', status: 401, authorization: () => kit.authorization(marks, { expiresIn: '-1h' }) },
      { name: 'an early token', status: 401, authorization: () => kit.authorization(marks, { notBefore: '1h' }) },
      {
        name: 'another issuer',
        status: 401,
        authorization: () => kit.authorization({ ...marks, iss: 'https://iss-marker.test' }),
      },
      {
        name: 'another audience',
        status: 401,
        authorization: () => kit.authorization({ ...marks, aud: 'aud-marker' }),
      },
      { name: 'an unknown key', status: 401, authorization: () => kit.authorization(marks, { kid: 'kid-marker' }) },
      {
        name: 'an odd algorithm',
        status: 401,
        authorization: () => kit.authorization(marks, { header: { alg: 'none' } }),
      },
      {
        name: 'an odd type',
        status: 401,
        authorization: () => kit.authorization(marks, { header: { typ: 'typ-marker' } }),
      },
      {
        name: 'an odd header member',
        status: 401,
        authorization: () => kit.authorization(marks, { header: { crit: ['crit-marker'] } }),
      },
      {
        name: 'a signature that is off',
        status: 401,
        authorization: async () =>
          (await kit.authorization(marks)).replace(/[^.]+$/, (signature) => 'A'.repeat(signature.length)),
      },
      {
        name: 'claims of the wrong type',
        status: 401,
        authorization: () => kit.authorization({ ...marks, exp: 'exp-marker' }),
      },
      {
        name: 'an oversized token',
        status: 401,
        authorization: () => kit.authorization({ ...marks, pad: 'x'.repeat(9000) }),
      },
      { name: 'a text that is no token', status: 401, authorization: async () => 'Bearer opaque-marker' },
      { name: 'two tokens', status: 400, authorization: async () => `${await kit.authorization(marks)} second-marker` },
      { name: 'another scheme', status: 401, authorization: async () => 'Basic basic-marker' },
      { name: 'too few roles', status: 403, path: '/admin', authorization: () => kit.authorization(marks) },
      {
        name: 'an unknown path',
        status: 404,
        path: '/path-marker?q=query-marker',
        authorization: () => kit.authorization(marks),
      },
      { name: 'a wrong method', status: 405, method: 'DELETE', authorization: () => kit.authorization(marks) },
      { name: 'an odd method', status: 501, method: 'PROPFIND', authorization: () => kit.authorization(marks) },
      {
        name: 'a malformed body',
        status: 400,
        method: 'POST',
        path: '/names',
        authorization: () => kit.authorization(marks),
        body: '{"name":"body-marker"',
      },
      {
        name: 'an invalid body',
        status: 422,
        method: 'POST',
        path: '/names',
        authorization: () => kit.authorization(marks),
        body: '{"name":["body-marker"],"other":"other-marker"}',
      },
      {
        name: 'a large body',
        status: 413,
        method: 'POST',
        path: '/names',
        authorization: () => kit.authorization(marks),
        body: JSON.stringify('body-marker'.repeat(100_000)),
      },
    ]
    for (const { name, status, path = '/me', method = 'GET', authorization, body } of cases) {
      it(`${name} (${status})`, async () => {
        const sent = await authorization()
        const headers = { authorization: sent, 'content-type': 'application/json' }
        const response = await app.request(path, { method, headers, ...(body === undefined ? {} : { body }) })
        expect(response.status).to.equal(status)
        const said = `${await response.text()}\n${[...response.headers].join('\n')}`
        expect(said).to.not.match(/marker/)
        for (const part of sent.split(/[ .]/).filter((text) => text.length > 8)) expect(said).to.not.include(part)
        for (const word of ['jose', 'JWS', 'JWT claim', 'node_modules', kit.issuer, kit.audience]) {
          expect(said).to.not.include(word)
        }
      })
    }
  })
})
