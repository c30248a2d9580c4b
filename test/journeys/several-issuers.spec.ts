import { expect } from 'chai'
import { Container } from 'inversify'
import {
  AgentContext,
  AuthConfigurationError,
  AuthModule,
  type AuthModuleOptions,
  Controller,
  Get,
  KeySource,
  KoaModule,
  OptionalAuthentication,
  Query,
  RequiresAgentScope,
  RequiresRole,
  SecurityContext,
  TokenValidator,
  warmUp,
} from 'inversify-koa-auth'
import { AuthTestKit, generateSigningKeyPair, type SigningKeyPair, TestIssuer } from 'inversify-koa-auth/testing'
import Koa from 'koa'
import { after, afterEach, before, beforeEach, describe, it } from 'mocha'
import { agentHeader, invalidAgent } from '../support/agent.js'
import { expectProblem } from '../support/expect-problem.js'
import { onKeyEvent } from '../support/on-key-event.js'
import { type RunningApp, serve } from '../support/start-app.js'

@Controller('/me')
class MeController {
  @Get()
  me() {
    const { issuer, sub, groups, scopes } = SecurityContext.require()
    return { issuer, sub, groups, scopes, roles: SecurityContext.getRoles() }
  }

  @Get('/admin')
  @RequiresRole('admin')
  admin() {
    return 'admin'
  }

  @Get('/papers')
  papers(@Query('of') owner: string, @Query('at') issuer: string | undefined) {
    SecurityContext.requireOwner(owner, { unlessRole: 'admin', ...(issuer !== undefined && { issuer }) })
    return 'papers'
  }

  @Get('/optional')
  @OptionalAuthentication()
  optional() {
    return SecurityContext.get()?.issuer ?? 'nobody'
  }

  @Get('/agent')
  @RequiresAgentScope('work')
  agent() {
    const { sub, rawClaims } = AgentContext.require()
    return { caller: SecurityContext.require().issuer, agent: sub, agentIssuer: rawClaims.iss }
  }
}

const invalid = (code: string) => ({
  status: 401,
  code,
  detail: /^Invalid token: /,
  challenge: 'Bearer error="invalid_token"',
})

describe('several issuers', () => {
  let first: TestIssuer
  let second: TestIssuer
  let secondKey: SigningKeyPair
  const started: RunningApp[] = []

  before(async () => {
    secondKey = await generateSigningKeyPair('ES256')
  })
  beforeEach(async () => {
    first = await TestIssuer.start({ audience: 'first-api', roleClaim: 'roles' })
    second = await TestIssuer.start({ audience: 'second-api', roleClaim: 'realm_access.roles', keyPair: secondKey })
  })
  afterEach(async () => {
    await Promise.all([...started.splice(0), first, second].map((each) => each.stop()))
  })
  after(() => expect(started).to.deep.equal([]))

  const both = (): AuthModuleOptions => ({
    env: {},
    configFiles: [],
    clockToleranceSeconds: 0,
    issuers: [
      { issuer: first.url, audience: 'first-api', roleClaims: ['roles'], groupClaims: ['teams'] },
      {
        issuer: second.url,
        audience: 'second-api',
        roleClaims: ['realm_access.roles'],
        acceptedAlgorithms: ['ES256'],
        scopeClaims: ['permitted'],
        refusedClaims: { use: ['id'] },
      },
    ],
  })
  const load = (options: AuthModuleOptions, bind?: (container: Container) => void): Container => {
    const container = new Container()
    bind?.(container)
    container.load(new KoaModule({ controllers: [MeController] }), new AuthModule(options))
    return container
  }
  const start = async (options = both()): Promise<RunningApp> => {
    const container = load(options)
    const app = await serve(container.get<Koa>(Koa), container)
    started.push(app)
    return app
  }

  it('are each known by their own keys, audience, algorithms and claims', async () => {
    const app = await start()
    const ann = await first.makeToken({ sub: 'ann', roles: ['admin'], teams: ['a'], scope: 'x' })
    const bob = await second.makeToken({ sub: 'bob', roles: ['viewer'], teams: ['a'], groups: ['g'], permitted: 'y z' })
    for (let round = 0; round < 2; round++) {
      expect(await (await app.get('/me', { token: ann })).json()).to.deep.equal({
        issuer: first.url,
        sub: 'ann',
        groups: ['a'],
        scopes: ['x'],
        roles: ['admin'],
      })
      expect(await (await app.get('/me', { token: bob })).json()).to.deep.equal({
        issuer: second.url,
        sub: 'bob',
        groups: ['g'],
        scopes: ['y', 'z'],
        roles: ['viewer'],
      })
    }
    expect((await app.get('/me/admin', { token: ann })).status).to.equal(200)
    expect((await app.get('/me/admin', { token: bob })).status).to.equal(403)
    expect(first.requests.jwks).to.equal(1)
    expect(second.requests.jwks).to.equal(1)
  })

  it('may have the same subject, who is not the same caller', async () => {
    const app = await start()
    const tokens = [await first.makeToken({ sub: 'x', roles: ['admin'] }), await second.makeToken({ sub: 'x' })]
    const statuses = await Promise.all(
      Array.from({ length: 20 }, (_, i) => app.get('/me/admin', { token: tokens[i % 2] as string })),
    )
    for (const [i, { status }] of statuses.entries()) expect(status).to.equal(i % 2 === 0 ? 200 : 403)
  })

  it('may have the same subject, who owns what belongs to that subject at one issuer only', async () => {
    const app = await start()
    const token = {
      first: await first.makeToken({ sub: 'ann' }),
      second: await second.makeToken({ sub: 'ann' }),
      admin: await second.makeToken({ sub: 'cem', roles: ['admin'] }),
    }
    const at = (issuer: string) => `/me/papers?of=ann&at=${encodeURIComponent(issuer)}`
    for (const { path, caller, status } of [
      { path: at(first.url), caller: 'first', status: 200 },
      { path: at(first.url), caller: 'second', status: 403 },
      { path: at(first.url), caller: 'admin', status: 200 },
      { path: at(second.url), caller: 'first', status: 403 },
      { path: at(second.url), caller: 'second', status: 200 },
      { path: at('https://elsewhere.test'), caller: 'first', status: 403 },
      { path: '/me/papers?of=ann', caller: 'first', status: 200 },
      { path: '/me/papers?of=ann', caller: 'second', status: 200 },
    ] as const) {
      const response = await app.get(path, { token: token[caller] })
      expect(response.status, `${caller} asks for ${path}`).to.equal(status)
      if (status === 200) continue
      const problem = await expectProblem(response, {
        status: 403,
        code: 'insufficient_permissions',
        detail: 'Resource does not belong to the current user',
        challenge: 'Bearer error="insufficient_scope"',
      })
      expect(problem['missing']).to.deep.equal({ ownership: true })
    }
  })

  it('are each bound to their own rules, whatever the other one allows', async () => {
    const app = await start()
    for (const { token, code } of [
      { token: await first.makeToken({ aud: 'second-api' }), code: 'audience_mismatch' },
      { token: await second.makeToken({ aud: 'first-api' }), code: 'audience_mismatch' },
      {
        token: await second.makeToken({}, { header: { alg: 'RS256' }, key: first.keyPair }),
        code: 'algorithm_refused',
      },
      { token: await first.makeToken({}, { header: { alg: 'ES256' }, key: secondKey }), code: 'algorithm_refused' },
      { token: await second.makeToken({ use: 'id' }), code: 'claim_refused' },
    ]) {
      await expectProblem(await app.get('/me', { token }), invalid(code))
    }
    expect((await app.get('/me', { token: await first.makeToken({ use: 'id' }) })).status).to.equal(200)
  })

  describe('and agents', () => {
    const scopes = ['work']

    it('may each have made the token of either: the caller of one, the agent of the other', async () => {
      const app = await start()
      for (const [users, agents] of [
        [first, second],
        [second, first],
        [second, second],
      ] as const) {
        const token = await users.makeToken({ sub: 'ann' })
        const agent = agentHeader(await agents.makeToken({ sub: 'robot', scopes }))
        for (let round = 0; round < 2; round++) {
          const response = await app.get('/me/agent', { token, ...agent })
          expect(await response.json()).to.deep.equal({ caller: users.url, agent: 'robot', agentIssuer: agents.url })
        }
      }
      expect([first.requests.jwks, second.requests.jwks]).to.deep.equal([1, 1])
    })

    it('are bound to the rules of the issuer that the agent comes from', async () => {
      const app = await start()
      const token = await first.makeToken({ sub: 'ann' })
      const { keyPair } = first
      for (const { agent, expected } of [
        {
          agent: await second.makeToken({ scopes, aud: 'first-api' }),
          expected: invalidAgent('agent_audience_mismatch', 'it is meant for another audience'),
        },
        {
          agent: await second.makeToken({ scopes }, { header: { alg: 'RS256' }, key: keyPair }),
          expected: invalidAgent('agent_algorithm_refused', 'its algorithm is not accepted'),
        },
        {
          agent: await first.makeToken({ scopes, iss: 'https://other.test' }),
          expected: invalidAgent('agent_issuer_mismatch', 'it comes from another issuer'),
        },
        {
          agent: await second.makeToken({ scopes, use: 'id' }),
          expected: invalidAgent('agent_claim_refused', 'it carries a claim that this application refuses'),
        },
      ]) {
        await expectProblem(await app.get('/me/agent', { token, ...agentHeader(agent) }), expected)
      }
      const poor = agentHeader(await second.makeToken({ scopes: ['other'], permitted: 'work' }))
      expect(await (await app.get('/me/agent', { token, ...poor })).json()).to.include({ code: 'agent_scope_missing' })
    })

    it('fail one by one: the caller is known while the keys of the agent can not be had', async () => {
      second.fail(503)
      const app = await start()
      const agent = agentHeader(await second.makeToken({ scopes }))
      await expectProblem(await app.get('/me/agent', { token: await first.makeToken(), ...agent }), {
        status: 503,
        code: 'keys_unavailable',
        detail: 'Signing keys are temporarily unavailable',
      })
    })
  })

  describe('with the same key id', () => {
    let otherKey: SigningKeyPair
    let twin: TestIssuer
    before(async () => {
      otherKey = await generateSigningKeyPair('RS256')
    })
    beforeEach(async () => {
      const { kid } = first.keyPair
      const keyPair = { ...otherKey, kid, publicJwk: { ...otherKey.publicJwk, kid } }
      twin = await TestIssuer.start({ audience: 'first-api', keyPair })
    })
    afterEach(() => twin.stop())

    const twins = (): AuthModuleOptions => ({
      env: {},
      configFiles: [],
      audience: 'first-api',
      issuers: [{ issuer: first.url }, { issuer: twin.url }],
    })

    for (const order of ['first', 'twin'] as const) {
      it(`never vouch for one another, ${order} one known first`, async () => {
        const app = await start(twins())
        const own = { first: await first.makeToken(), twin: await twin.makeToken() }
        const forged = {
          first: await first.makeToken({ iss: first.url }, { key: twin.keyPair }),
          twin: await twin.makeToken({ iss: twin.url }, { key: first.keyPair }),
        }
        expect((await app.get('/me', { token: own[order] })).status).to.equal(200)
        for (const token of [forged.first, forged.twin, forged.first]) {
          await expectProblem(await app.get('/me', { token }), invalid('signature_mismatch'))
        }
        for (const token of [own.first, own.twin, own.first]) {
          expect((await app.get('/me', { token })).status).to.equal(200)
        }
      })
    }

    it('lose remembered tokens with their own key only', async () => {
      const app = await start({ ...twins(), jwksCooldownSeconds: 1, jwksTtlSeconds: 1 })
      const [ours, theirs] = [await first.makeToken(), await twin.makeToken()]
      for (const token of [ours, theirs]) expect((await app.get('/me', { token })).status).to.equal(200)
      await first.rotate()
      const rotated = await first.makeToken()
      expect((await app.get('/me', { token: rotated })).status).to.equal(200)
      await expectProblem(await app.get('/me', { token: ours }), invalid('key_unknown'))
      expect((await app.get('/me', { token: theirs })).status).to.equal(200)
    })
  })

  it('are chosen by what a token claims, and nothing else is looked up for it', async () => {
    const stranger = await TestIssuer.start()
    try {
      const app = await start()
      for (const iss of [
        stranger.url,
        `${first.url}/`,
        first.url.toUpperCase(),
        `${first.url}#`,
        '',
        '__proto__',
        'constructor',
        undefined,
      ]) {
        const header = { jku: stranger.jwksUri, x5u: stranger.jwksUri }
        const token = await first.makeToken({ iss }, { header })
        await expectProblem(await app.get('/me', { token }), invalid('issuer_mismatch'))
      }
      for (const iss of [5, null, true, [first.url], { [first.url]: 1 }]) {
        await expectProblem(await app.get('/me', { token: await first.makeToken({ iss }) }), invalid('claim_malformed'))
      }
      expect(stranger.requests.total + first.requests.total + second.requests.total).to.equal(0)
    } finally {
      await stranger.stop()
    }
  })

  it('take no payload that two parsers could read differently', async () => {
    const app = await start()
    const [header, , signature] = (await first.makeToken()).split('.')
    for (const payload of [`{"iss":"${first.url}","iss":"${second.url}"}`, '[]', 'null', '{', '']) {
      const token = [header, Buffer.from(payload).toString('base64url'), signature].join('.')
      await expectProblem(await app.get('/me', { token }), invalid('token_malformed'))
    }
    expect(first.requests.total + second.requests.total).to.equal(0)
  })

  it('fail one by one: when one is down, the other goes on', async () => {
    second.fail(503)
    const app = await start()
    const [ours, theirs] = [await first.makeToken(), await second.makeToken()]
    await expectProblem(await app.get('/me', { token: theirs }), {
      status: 503,
      code: 'keys_unavailable',
      detail: 'Signing keys are temporarily unavailable',
    })
    expect((await app.get('/me', { token: ours })).status).to.equal(200)
    expect(await (await app.get('/me/optional')).text()).to.equal('nobody')
  })

  it('cool down one by one: a flood of unknown key ids at one is nothing to the other', async () => {
    const app = await start()
    for (const issuer of [first, second]) {
      expect((await app.get('/me', { token: await issuer.makeToken() })).status).to.equal(200)
    }
    for (let i = 0; i < 5; i++) {
      const token = await first.makeToken({}, { kid: `forged-${i}` })
      await expectProblem(await app.get('/me', { token }), invalid('key_unknown'))
    }
    expect(first.requests.jwks).to.equal(2)
    await second.rotate()
    expect((await app.get('/me', { token: await second.makeToken() })).status).to.equal(200)
    expect(second.requests.jwks).to.equal(2)
  })

  it('are all warmed up, one that is down included, and told apart in events', async () => {
    const ours = [first.url, second.url]
    const events: string[] = []
    const stops = [
      onKeyEvent(ours, 'keys:refreshed', ({ issuer }) => events.push(`refreshed ${issuer}`)),
      onKeyEvent(ours, 'keys:refresh-failed', ({ issuer }) => events.push(`failed ${issuer}`)),
    ]
    try {
      second.fail(500)
      const app = await start()
      await warmUp(app.container)
      expect([...events].sort()).to.deep.equal([`failed ${second.url}`, `refreshed ${first.url}`].sort())
      expect((await app.get('/me', { token: await first.makeToken() })).status).to.equal(200)
      expect(first.requests.jwks).to.equal(1)
    } finally {
      for (const stop of stops) stop()
    }
  })

  it('are all let go with the container: nothing is tried again', async () => {
    for (const issuer of [first, second]) issuer.fail(500)
    const app = await start({ ...both(), jwksCooldownSeconds: 1 })
    await warmUp(app.container)
    await app.container.unbind(KeySource)
    const [ours, theirs] = [first.requests.total, second.requests.total]
    await new Promise((resolve) => setTimeout(resolve, 1300))
    expect([first.requests.total, second.requests.total]).to.deep.equal([ours, theirs])
  })

  it('validate tokens without HTTP as well', async () => {
    const validator = load(both()).get(TokenValidator)
    expect((await validator.validate(await second.makeToken({ sub: 'bob' }))).claims).to.include({
      issuer: second.url,
      sub: 'bob',
    })
  })

  it('may be one in a list, which is the same as one alone', async () => {
    const app = await start({
      env: {},
      configFiles: [],
      audience: 'first-api',
      issuers: [{ issuer: first.url, roleClaims: 'roles' }],
    })
    expect((await app.get('/me/admin', { token: await first.makeToken({ roles: ['admin'] }) })).status).to.equal(200)
    await expectProblem(
      await app.get('/me', { token: await second.makeToken({ aud: 'first-api' }) }),
      invalid('algorithm_refused'),
    )
  })

  describe('and a KeySource of the application', () => {
    it('that does not tell them apart fail at start', async () => {
      const kit = await AuthTestKit.create()
      const keys: KeySource = { keyFor: (header) => kit.keySource.keyFor(header) }
      const container = load(both(), (it) => it.bind(KeySource).toConstantValue(keys))
      expect(() => container.get(Koa))
        .to.throw(AuthConfigurationError)
        .with.property('message')
        .that.includes('KeySource: has no forIssuer, while auth_client.issuers lists several')
      expect(() =>
        load({ ...both(), enabled: false }, (it) => it.bind(KeySource).toConstantValue(keys)).get(Koa),
      ).not.to.throw()
    })

    it('that is rebound later and does not tell them apart verifies nothing', async () => {
      const app = await start()
      const token = await first.makeToken()
      expect((await app.get('/me', { token })).status).to.equal(200)
      const kit = await AuthTestKit.create()
      app.container.rebind(KeySource).toConstantValue({ keyFor: (header) => kit.keySource.keyFor(header) })
      for (const each of [token, await first.makeToken()]) {
        expect((await app.get('/me', { token: each })).status).to.equal(503)
      }
    })

    it('that comes later and does not tell them apart verifies nothing either', async () => {
      const kit = await AuthTestKit.create()
      const container = load(both(), (it) =>
        it
          .bind(KeySource)
          .toDynamicValue(async () => ({ keyFor: (header) => kit.keySource.keyFor(header) }))
          .inSingletonScope(),
      )
      const app = await serve(container.get<Koa>(Koa), container)
      started.push(app)
      expect((await app.get('/me', { token: await first.makeToken() })).status).to.equal(503)
    })

    it('that tells them apart is asked for each', async () => {
      const asked: string[] = []
      const kit = await AuthTestKit.create({ issuer: 'https://a.test' })
      const keys: KeySource = {
        keyFor: () => Promise.reject(new Error('not asked')),
        forIssuer: (issuer) => {
          asked.push(issuer)
          return issuer === 'https://a.test' ? kit.keySource : undefined
        },
      }
      const issuers = [{ issuer: 'https://a.test' }, { issuer: 'https://b.test' }]
      const options = { env: {}, configFiles: [], audience: kit.audience, issuers }
      const container = load(options, (it) => it.bind(KeySource).toConstantValue(keys))
      const app = await serve(container.get<Koa>(Koa), container)
      started.push(app)
      expect((await app.get('/me', { token: await kit.makeToken() })).status).to.equal(200)
      expect((await app.get('/me', { token: await kit.makeToken({ iss: 'https://b.test' }) })).status).to.equal(503)
      expect(new Set(asked)).to.deep.equal(new Set(['https://a.test', 'https://b.test']))
    })
  })

  describe('and the test kit', () => {
    const issuers = [{ issuer: 'https://v1.test' }, { issuer: 'https://v2.test', audience: 'v2-api' }]
    const options = { env: {}, configFiles: [], audience: 'test-api', issuers }

    it('go together: it signs for all of them', async () => {
      const kit = await AuthTestKit.create({ issuer: 'https://v2.test', audience: 'v2-api' })
      const container = load(options)
      kit.install(container)
      const app = await serve(container.get<Koa>(Koa), container)
      started.push(app)
      for (const claims of [{}, { iss: 'https://v1.test', aud: 'test-api' }]) {
        expect((await app.get('/me', { token: await kit.makeToken(claims) })).status).to.equal(200)
      }
      expect((await app.get('/me', { token: await kit.makeToken({ iss: 'https://v1.test' }) })).status).to.equal(401)
    })

    for (const { made, names } of [
      { made: {}, names: 'auth_client.issuers (AUTH_CLIENT_ISSUERS)' },
      { made: { issuer: 'https://v2.test' }, names: 'auth_client.audience (AUTH_CLIENT_AUDIENCE)' },
    ]) {
      it(`do not when it is made for somebody else: ${JSON.stringify(made)}`, async () => {
        const kit = await AuthTestKit.create(made)
        expect(() => kit.install(load(options)))
          .to.throw(AuthConfigurationError)
          .with.property('message')
          .that.includes(names)
      })
    }
  })
})
