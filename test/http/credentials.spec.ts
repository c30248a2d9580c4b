import { expect } from 'chai'
import { AllowAnonymous, Controller, Get, OptionalAuthentication, SecurityContext } from 'inversify-koa-auth'
import { after, before, describe, it } from 'mocha'
import { type ExpectedProblem, expectProblem, NO_TOKEN } from '../support/expect-problem.js'
import { rawExchange } from '../support/raw-exchange.js'
import { kit, type RunningApp, startApp } from '../support/start-app.js'

@Controller()
class CallerController {
  @Get('/me')
  me() {
    return { sub: SecurityContext.require().sub }
  }

  @Get('/greeting')
  @OptionalAuthentication()
  greeting() {
    return { sub: SecurityContext.get()?.sub ?? null }
  }

  @Get('/open')
  @AllowAnonymous()
  open() {
    return { sub: SecurityContext.get()?.sub ?? null }
  }
}

const MALFORMED: ExpectedProblem = {
  status: 400,
  detail: 'Malformed Authorization header: expected Bearer and a single token',
  code: 'bearer_malformed',
  challenge: 'Bearer error="invalid_request"',
}

const REPEATED_DETAIL = 'Malformed request: it carries more than one set of credentials'

describe('credentials', () => {
  let app: RunningApp
  let token: string

  before(async () => {
    app = await startApp({ controllers: [CallerController] })
    token = await kit.makeToken({ sub: 'ann' })
  })
  after(() => app.stop())

  for (const scheme of ['Bearer', 'bearer', 'BEARER', 'bEaReR']) {
    it(`are accepted with the scheme written ${scheme}`, async () => {
      const response = await app.get('/me', { headers: { authorization: `${scheme} ${token}` } })
      expect(response.status).to.equal(200)
      expect(await response.json()).to.deep.equal({ sub: 'ann' })
    })
  }

  it('may follow their scheme after several spaces', async () => {
    const response = await app.get('/me', { headers: { authorization: `Bearer   ${token}` } })
    expect(response.status).to.equal(200)
  })

  for (const { name, header } of [
    { name: 'another scheme', header: () => 'Basic YW5uOnNlY3JldA==' },
    { name: 'a scheme that only begins like Bearer', header: () => `BearerX ${token}` },
    { name: 'a scheme that ends like Bearer', header: () => `X-Bearer ${token}` },
    { name: 'a token without a scheme', header: () => token },
    { name: 'an empty header', header: () => '' },
  ]) {
    it(`count as absent: ${name}`, async () => {
      await expectProblem(await app.get('/me', { headers: { authorization: header() } }), NO_TOKEN)
      const greeting = await app.get('/greeting', { headers: { authorization: header() } })
      expect(await greeting.json()).to.deep.equal({ sub: null })
    })
  }

  for (const { name, header } of [
    { name: 'no token', header: () => 'Bearer' },
    { name: 'a space for a token', header: () => 'Bearer ' },
    { name: 'two tokens', header: () => `Bearer ${token} ${token}` },
    { name: 'two tokens with a comma', header: () => `Bearer ${token}, Bearer ${token}` },
    { name: 'a parameter', header: () => `Bearer token="${token}"` },
    { name: 'a quoted token', header: () => `Bearer "${token}"` },
    { name: 'a comma for the space', header: () => `Bearer,${token}` },
    { name: 'a tab for the space', header: () => `Bearer\t${token}` },
    { name: 'a character beyond ASCII', header: () => `Bearer ${token}\u00e9` },
  ]) {
    it(`are 400 with ${name} after the scheme`, async () => {
      await expectProblem(await app.get('/me', { headers: { authorization: header() } }), MALFORMED)
      await expectProblem(await app.get('/greeting', { headers: { authorization: header() } }), MALFORMED)
    })
  }

  for (const { name, lines } of [
    { name: 'the same token twice', lines: () => [`Authorization: Bearer ${token}`, `Authorization: Bearer ${token}`] },
    {
      name: 'another scheme first',
      lines: () => ['Authorization: Basic YW5uOnNlY3JldA==', `authorization: Bearer ${token}`],
    },
    {
      name: 'another scheme second',
      lines: () => [`AUTHORIZATION: Bearer ${token}`, 'Authorization: Basic YW5uOnNlY3JldA=='],
    },
    { name: 'an empty header second', lines: () => [`Authorization: Bearer ${token}`, 'Authorization:'] },
  ]) {
    it(`are 400 in two headers: ${name}`, async () => {
      const answer = await rawExchange(app.port, 'GET /me HTTP/1.1', 'Host: a', ...lines(), '', '')
      expect(answer.status).to.equal(400)
      expect(answer.head).to.match(/^WWW-Authenticate: Bearer error="invalid_request"\r?$/im)
      expect(JSON.parse(answer.body)).to.include({ detail: REPEATED_DETAIL, code: 'credentials_repeated' })
    })
  }

  it('are not looked at on an anonymous route, however many there are', async () => {
    const twice = ['Authorization: Bearer a b', `Authorization: Bearer ${token}`]
    const answer = await rawExchange(app.port, 'GET /open HTTP/1.1', 'Host: a', ...twice, '', '')
    expect(answer.status).to.equal(200)
    expect(JSON.parse(answer.body)).to.deep.equal({ sub: null })
  })

  describe('count nowhere but in the Authorization header:', () => {
    for (const { name, path, headers } of [
      { name: 'the query (RFC 6750, section 2.3)', path: () => `/me?access_token=${token}` },
      { name: 'another query parameter', path: () => `/me?token=${token}` },
      { name: 'a cookie', headers: () => ({ cookie: `access_token=${token}; token=${token}; session=${token}` }) },
      { name: 'X-Access-Token', headers: () => ({ 'x-access-token': token }) },
      { name: 'Proxy-Authorization', headers: () => ({ 'proxy-authorization': `Bearer ${token}` }) },
      { name: 'X-Forwarded-Authorization', headers: () => ({ 'x-forwarded-authorization': `Bearer ${token}` }) },
      { name: 'Sec-WebSocket-Protocol', headers: () => ({ 'sec-websocket-protocol': `bearer, ${token}` }) },
    ]) {
      it(`not in ${name}`, async () => {
        await expectProblem(await app.get(path?.() ?? '/me', { headers: headers?.() ?? {} }), NO_TOKEN)
      })
    }

    it('not in a form (RFC 6750, section 2.2)', async () => {
      const response = await app.post('/me', { body: new URLSearchParams({ access_token: token }) })
      await expectProblem(response, NO_TOKEN)
    })
  })

  describe('on a route with optional authentication', () => {
    it('may be absent', async () => {
      const response = await app.get('/greeting')
      expect(response.status).to.equal(200)
      expect(await response.json()).to.deep.equal({ sub: null })
    })

    it('are known when they are valid', async () => {
      expect(await (await app.get('/greeting', { token })).json()).to.deep.equal({ sub: 'ann' })
    })

    it('are refused when they are not', async () => {
      await expectProblem(await app.get('/greeting', { token: await kit.makeToken({}, { expiresIn: '-1h' }) }), {
        status: 401,
        detail: 'Token has expired',
        challenge: 'Bearer error="invalid_token"',
      })
      await expectProblem(await app.get('/greeting', { token: `${token}x` }), {
        status: 401,
        detail: 'Invalid token: it is not a well-formed signed JWT',
        challenge: 'Bearer error="invalid_token"',
      })
    })
  })
})
