import { expect } from 'chai'
import { Controller, Get, OptionalAuthentication, onAuthEvent, RequiresAgentScope } from 'inversify-koa-auth'
import { AuthTestKit, generateSigningKeyPair } from 'inversify-koa-auth/testing'
import { after, afterEach, before, describe, it } from 'mocha'
import { agentHeader, EXPIRED_AGENT, invalidAgent, whoIsAtWork } from '../support/agent.js'
import { type ExpectedProblem, expectProblem } from '../support/expect-problem.js'
import { rawExchange } from '../support/raw-exchange.js'
import { kit, type RunningApp, startApp } from '../support/start-app.js'

@Controller()
class WorkController {
  @Get('/required')
  @RequiresAgentScope('work')
  required() {
    return whoIsAtWork()
  }

  @Get('/secured')
  secured() {
    return whoIsAtWork()
  }

  @Get('/optional')
  @OptionalAuthentication()
  optional() {
    return whoIsAtWork()
  }
}

const PATHS = ['/required', '/secured', '/optional']

const NOT_A_JWT = invalidAgent('agent_token_malformed', 'it is not a well-formed signed JWT')

describe("an agent's credentials", () => {
  let app: RunningApp
  let token: string
  let agent: string
  let stranger: AuthTestKit
  const rejected: Readonly<Record<string, unknown>>[] = []
  let stop: () => void

  before(async () => {
    app = await startApp({ controllers: [WorkController] })
    token = await kit.makeToken({ sub: 'ann' })
    agent = await kit.makeAgentToken({ scopes: ['work'] })
    stranger = await AuthTestKit.create({ issuer: 'https://other.test', keyPair: await generateSigningKeyPair() })
    stop = onAuthEvent('rejected', (event) => rejected.push({ ...event }))
  })
  after(async () => {
    stop()
    await app.stop()
  })
  afterEach(() => rejected.splice(0))

  const badOnEveryPath = async (headers: Readonly<Record<string, string>>, expected: ExpectedProblem) => {
    for (const path of PATHS) {
      await expectProblem(await app.get(path, { token, headers }), expected)
      expect(rejected.pop()).to.include({ reason: expected.code, route: `GET ${path}` })
      expect(rejected).to.deep.equal([])
    }
  }

  describe('are 401 when the token', () => {
    const scopes = ['work']
    const refusals: readonly { what: string; make: () => Promise<string>; expected: ExpectedProblem }[] = [
      {
        what: 'has expired',
        make: () => kit.makeAgentToken({ scopes }, { expiresIn: '-1m' }),
        expected: EXPIRED_AGENT,
      },
      {
        what: 'is not signed at all: alg none',
        make: () => kit.makeAgentToken({ scopes }, { header: { alg: 'none' } }),
        expected: invalidAgent('agent_algorithm_refused', 'its algorithm is not accepted'),
      },
      {
        what: 'is signed with the public key for a secret: HS256',
        make: () => kit.makeAgentToken({ scopes }, { header: { alg: 'HS256' } }),
        expected: invalidAgent('agent_algorithm_refused', 'its algorithm is not accepted'),
      },
      {
        what: 'is of another issuer, with a key of its own',
        make: () => stranger.makeAgentToken({ scopes }),
        expected: invalidAgent('agent_key_unknown', 'no key of the issuer matches it'),
      },
      {
        what: 'names another issuer',
        make: () => kit.makeAgentToken({ scopes, iss: 'https://other.test' }),
        expected: invalidAgent('agent_issuer_mismatch', 'it comes from another issuer'),
      },
      {
        what: 'is meant for another audience',
        make: () => kit.makeAgentToken({ scopes, aud: 'other' }),
        expected: invalidAgent('agent_audience_mismatch', 'it is meant for another audience'),
      },
      {
        what: 'is signed by somebody else under a known key id',
        make: async () => kit.makeAgentToken({ scopes }, { key: await generateSigningKeyPair() }),
        expected: invalidAgent('agent_signature_mismatch', 'the signature does not match'),
      },
      {
        what: 'has no expiry',
        make: () => kit.makeAgentToken({ scopes, exp: undefined }),
        expected: invalidAgent('agent_expiry_missing', 'it has no expiry'),
      },
      {
        what: 'is not valid yet',
        make: () => kit.makeAgentToken({ scopes }, { notBefore: '1h' }),
        expected: invalidAgent('agent_not_yet_valid', 'it is not valid yet'),
      },
      {
        what: 'is an ID token by its type',
        make: () => kit.makeAgentToken({ scopes }, { header: { typ: 'id+jwt' } }),
        expected: invalidAgent('agent_type_refused', 'its type is not accepted'),
      },
      { what: 'is no JWT', make: async () => 'opaque', expected: NOT_A_JWT },
      {
        what: 'is too long',
        make: async () => 'a'.repeat(9000),
        expected: invalidAgent('agent_token_too_long', 'it is too long'),
      },
    ]
    for (const { what, make, expected } of refusals) {
      it(what, async () => {
        await badOnEveryPath(agentHeader(await make()).headers, expected)
      })
    }

    it('had its scopes widened by hand', async () => {
      const [header, payload = '', signature] = (await kit.makeAgentToken({ scopes: ['none'] })).split('.')
      const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
      const widened = Buffer.from(JSON.stringify({ ...claims, scopes: ['*'] })).toString('base64url')
      const forged = agentHeader(`${header}.${widened}.${signature}`)
      await badOnEveryPath(forged.headers, invalidAgent('agent_signature_mismatch', 'the signature does not match'))
    })
  })

  for (const { name, header } of [
    { name: 'another scheme', header: () => 'Basic YW5uOnNlY3JldA==' },
    { name: 'a token without a scheme', header: () => agent },
    { name: 'a scheme that only begins like Bearer', header: () => `BearerX ${agent}` },
    { name: 'the scheme of the challenge', header: () => `AgentBearer ${agent}` },
    { name: 'an empty header', header: () => '' },
    { name: 'a comma', header: () => ',' },
  ]) {
    it(`are 401 as ${name}, for there is nothing else the header could be for`, async () => {
      await badOnEveryPath({ 'x-agent-authorization': header() }, NOT_A_JWT)
    })
  }

  for (const { name, header } of [
    { name: 'no token', header: () => 'Bearer' },
    { name: 'a comma for the space', header: () => `Bearer,${agent}` },
    { name: 'two tokens', header: () => `Bearer ${agent} ${agent}` },
    { name: 'two tokens with a comma', header: () => `Bearer ${agent}, Bearer ${agent}` },
    { name: 'a parameter', header: () => `Bearer token="${agent}"` },
    { name: 'a tab for the space', header: () => `Bearer\t${agent}` },
    { name: 'a character beyond ASCII', header: () => `Bearer ${agent}\u00e9` },
  ]) {
    it(`are 401 with ${name} after the scheme`, async () => {
      await badOnEveryPath({ 'x-agent-authorization': header() }, NOT_A_JWT)
    })
  }

  for (const { name, lines } of [
    { name: 'the same twice', lines: () => [`X-Agent-Authorization: Bearer ${agent}`] },
    { name: 'another scheme second', lines: () => ['x-agent-authorization: Basic YW5uOnNlY3JldA=='] },
    { name: 'an empty one second', lines: () => ['X-AGENT-AUTHORIZATION:'] },
    { name: 'a malformed one second', lines: () => ['X-Agent-Authorization: Bearer a b'] },
  ]) {
    it(`are 400 in two headers: ${name}`, async () => {
      for (const path of PATHS) {
        const user = `Authorization: Bearer ${token}`
        const first = `X-Agent-Authorization: Bearer ${agent}`
        const answer = await rawExchange(app.port, `GET ${path} HTTP/1.1`, 'Host: a', user, first, ...lines(), '', '')
        expect(answer.status).to.equal(400)
        expect(answer.head).to.match(/^WWW-Authenticate: AgentBearer error="invalid_request"\r?$/im)
        expect(JSON.parse(answer.body)).to.include({
          detail: 'Malformed request: it carries more than one X-Agent-Authorization header',
          code: 'agent_credentials_repeated',
        })
      }
    })
  }

  it('are taken with the scheme in any letter case, after several spaces', async () => {
    const response = await app.get('/required', { token, headers: { 'x-agent-authorization': `bEARER   ${agent}` } })
    expect(await response.json()).to.deep.equal({ caller: 'ann', agent: 'agent' })
  })

  for (const { name, path, headers } of [
    { name: 'the query', path: () => `/required?agent_token=${agent}&x-agent-authorization=Bearer%20${agent}` },
    { name: 'a cookie', headers: () => ({ cookie: `x-agent-authorization=Bearer ${agent}` }) },
    { name: 'Agent-Authorization', headers: () => ({ 'agent-authorization': `Bearer ${agent}` }) },
    { name: 'X-Agent_Authorization', headers: () => ({ x_agent_authorization: `Bearer ${agent}` }) },
  ]) {
    it(`count nowhere else: not in ${name}`, async () => {
      const response = await app.get(path?.() ?? '/required', { token, headers: headers?.() ?? {} })
      expect(response.status).to.equal(401)
      expect(await response.json()).to.include({ code: 'agent_token_missing' })
    })
  }

  describe('and those of users', () => {
    it("don't stand in for each other where one of them is missing", async () => {
      const response = await app.get('/required', agentHeader(agent))
      expect(await response.json()).to.include({ status: 401, code: 'token_missing' })
    })

    it("are both just valid tokens: an agent's in Authorization is a caller of its own name, and no agent", async () => {
      const response = await app.get('/secured', { token: agent })
      expect(await response.json()).to.deep.equal({ caller: 'agent', agent: null })
      const required = await app.get('/required', { token: agent })
      expect(await required.json()).to.include({ status: 401, code: 'agent_token_missing' })
    })

    it("are both just valid tokens: a user's as the agent's may do what its scopes say, mostly nothing", async () => {
      const response = await app.get('/secured', { token, ...agentHeader(token) })
      expect(await response.json()).to.deep.equal({ caller: 'ann', agent: 'ann' })
      const scoped = await kit.makeToken({ sub: 'ann', scope: 'work *', permissions: ['work'], roles: ['work'] })
      const required = await app.get('/required', { token: scoped, ...agentHeader(scoped) })
      expect(required.status).to.equal(403)
    })

    it('leave each other alone when the same token is both, again and again', async () => {
      const both = await kit.makeToken({ sub: 'both', roles: ['editor'], scopes: ['work'] })
      for (let i = 0; i < 3; i++) {
        const response = await app.get('/required', { token: both, ...agentHeader(both) })
        expect(await response.json()).to.deep.equal({ caller: 'both', agent: 'both' })
      }
    })
  })
})
