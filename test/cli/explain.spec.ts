import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { expect } from 'chai'
import { isAuthError, TokenValidator } from 'inversify-koa-auth'
import { generateSigningKeyPair, type TestClaims, TestIssuer } from 'inversify-koa-auth/testing'
import { after, afterEach, before, beforeEach, describe, it } from 'mocha'
import { offlineKeys } from '../../src/cli/explain/offline-keys.js'
import { loadSettings } from '../../src/config/load-settings.js'
import { TOKEN_INVALID_REASONS } from '../../src/errors/token-invalid-error.js'
import { runIn } from '../support/command.js'
import { kit } from '../support/start-app.js'

const MODULES = fileURLToPath(new URL('modules/', import.meta.url))
const NOW = Date.UTC(2030, 0, 1) / 1000
const ENV = { AUTH_CLIENT_ISSUER: 'https://idp.test', AUTH_CLIENT_AUDIENCE: 'orders,invoices' }
const CLAIMS = { iss: 'https://idp.test', aud: 'orders', jti: 'j', iat: NOW - 60, exp: NOW + 240, sub: 'ann' }

describe('the command explain', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'explain-'))
    writeFileSync(join(folder, 'jwks.json'), JSON.stringify({ keys: [{ ...kit.keyPair.publicJwk, kid: 'k1' }] }))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const run = (env: NodeJS.ProcessEnv, ...args: readonly string[]) =>
    runIn({ cwd: folder, env, clock: () => NOW * 1000 }, 'explain', ...args)
  const offline = (token: string, ...args: readonly string[]) => run(ENV, token, '--jwks', 'jwks.json', ...args)
  const makeToken = (claims: object, header: object = {}) =>
    kit.makeToken({ ...CLAIMS, ...claims }, { header: { kid: 'k1', ...header } })

  it('prints every check of a good token, and who its holder is', async () => {
    const token = await makeToken({ role: ['clerk'], scope: 'a b', azp: 'shop' })
    const { code, out, err } = await offline(token)
    expect({ code, err }).to.deep.equal({ code: 0, err: '' })
    expect(out).to.equal(`\
RESULT  CHECK       EXPECTED                                     ACTUAL
ok      size        at most 8192 bytes                           ${token.length}
ok      form        a signed JWT: header, payload and signature  header, payload, signature
ok      extensions  none of crit, b64, zip, enc                  none
ok      kid         text, or absent                              k1
ok      alg         RS256                                        RS256
ok      typ         JWT or at+jwt, or absent                     at+jwt
ok      key         key k1 for RS256                             RSASSA-PKCS1-v1_5, 2048 bits
ok      signature   made with that key                           matches
ok      payload     a JSON object, each name once                that
ok      types       text, and numbers for times                  iss string, sub string, aud string, jti string, exp number, iat number
ok      iss         https://idp.test                             https://idp.test
ok      aud         orders or invoices                           orders
ok      exp         present                                      present
ok      iat         not later than in 5 s                        2029-12-31T23:59:00Z (1 minute ago)
ok      expiry      later than now, or 5 s ago                   2030-01-01T00:04:00Z (in 4 minutes)

The token is good. Whether it has been revoked is not asked here.
  sub          ann
  issuer       https://idp.test
  clientId     shop
  roles        clerk
  groups       none
  scopes       a, b
  permissions  none`)
  })

  it('prints everything that is wrong, the verdict, and what to do', async () => {
    const token = await makeToken({ iss: 'https://idp.test/', aud: undefined, exp: NOW - 7200, iat: NOW + 90_000 })
    const { code, out, err } = await offline(token)
    expect({ code, err }).to.deep.equal({ code: 1, err: '' })
    const lines = out.split('\n')
    expect(lines.slice(10).map((line) => line.replace(/ {2,}/g, '  '))).to.deep.equal([
      'ok  types  text, and numbers for times  iss string, sub string, jti string, exp number, iat number',
      'refused  iss  https://idp.test  https://idp.test/ (differs by the slash at the end only)',
      'refused  aud  orders or invoices  absent',
      'ok  exp  present  present',
      'refused  iat  not later than in 5 s  2030-01-02T01:00:00Z (in 1 day)',
      'refused  expiry  later than now, or 5 s ago  2029-12-31T22:00:00Z (2 hours ago)',
      '',
      'Refused with 401 issuer_mismatch: Invalid token: it comes from another issuer',
      "What to do: set auth_client.issuer to the token's iss, to the letter, if that is the issuer you trust.",
    ])
  })

  it('asks for no key once a token is refused, and shows the claims all the same', async () => {
    const { out } = await offline(await makeToken({ exp: NOW - 10 }, { alg: 'none' }))
    const found = out.split('\n').map((line) => line.split(/ {2,}/).slice(0, 2).join(' '))
    expect(found.slice(5, 18)).to.deep.equal([
      'refused alg',
      'ok typ',
      'not reached key',
      'not reached signature',
      'ok payload',
      'ok types',
      'ok iss',
      'ok aud',
      'ok exp',
      'ok iat',
      'refused expiry',
      '',
      'Refused with 401 algorithm_refused: Invalid token: its algorithm is not accepted',
    ])
  })

  it('prints the same for programs', async () => {
    const { code, out } = await offline(await makeToken({ exp: NOW - 10 }), '--json')
    const { accepted, refusal, checks, ...rest } = JSON.parse(out)
    expect({ code, accepted, rest }).to.deep.equal({ code: 1, accepted: false, rest: {} })
    expect(refusal).to.deep.equal({
      status: 401,
      code: 'token_expired',
      message: 'Token has expired',
      advice: 'get a new token, by refreshing or by signing in again. If it was issued just now, compare the clocks.',
    })
    expect(checks.at(-1)).to.deep.equal({
      check: 'expiry',
      result: 'refused',
      expected: 'later than now, or 5 s ago',
      actual: '2029-12-31T23:59:50Z (10 seconds ago)',
      code: 'token_expired',
    })
    const good = JSON.parse((await offline(await makeToken({ role: 'clerk' }), '--json')).out)
    expect(good.accepted).to.equal(true)
    expect(good.caller).to.deep.include({ sub: 'ann', roles: ['clerk'], groups: [] })
  })

  it('prints which claims are required, and with which values', async () => {
    const env = { ...ENV, AUTH_CLIENT_REQUIRED_CLAIMS: '{"use":["access","api"],"azp":true}' }
    const { code, out } = await run(env, await makeToken({ use: 'api' }), '--jwks', 'jwks.json')
    const line = out.split('\n').find((text) => text.includes('required_claims'))
    expect({ code, line: line?.replace(/ {2,}/g, '  ') }).to.deep.equal({
      code: 1,
      line: 'refused  required_claims  use: one of access, api; azp: any value  use: api; azp: absent',
    })
    expect(out).to.contain('see auth_client.required_claims: ')
  })

  it('is in colour on a terminal only', async () => {
    const token = await makeToken({ exp: NOW - 10 })
    const surroundings = { cwd: folder, env: ENV, clock: () => NOW * 1000 }
    const { out } = await runIn({ ...surroundings, isTerminal: true }, 'explain', token, '--jwks', 'jwks.json')
    const plain = await runIn(surroundings, 'explain', token, '--jwks', 'jwks.json')
    expect(out).to.contain('\u001b[31mrefused\u001b[39m')
    expect(stripVTControlCharacters(out)).to.equal(plain.out)
    expect(plain.out).not.to.contain('\u001b')
  })

  it('lets nothing out of a token move the cursor', async () => {
    const { out } = await offline(await makeToken({ iss: 'a\u001b[2Jb\u202ec\nd', aud: 'x'.repeat(500) }))
    expect(out).to.contain('a\\u{1b}[2Jb\\u{202e}c\\u{a}d')
    expect(out).to.contain(`${'x'.repeat(120)}… (500 characters)`)
    for (const character of ['\u001b', '\u202e']) expect(out).not.to.contain(character)
  })

  it('takes a token from standard input, as a header may hold it', async () => {
    const surroundings = { cwd: folder, env: ENV, clock: () => NOW * 1000 }
    const input = `Bearer ${await makeToken({})}\n`
    const { code } = await runIn({ ...surroundings, input }, 'explain', '-', '--jwks', 'jwks.json')
    expect(code).to.equal(0)
  })

  describe('agrees with the application', () => {
    const SEVERAL = {
      AUTH_CLIENT_AUDIENCE: 'orders',
      AUTH_CLIENT_ISSUERS: JSON.stringify([{ issuer: 'https://idp.test' }, { issuer: 'https://other.test' }]),
    }
    const STRICT = {
      ...ENV,
      AUTH_CLIENT_PROFILE: 'rfc9068',
      AUTH_CLIENT_MAX_TOKEN_AGE_SECONDS: '30',
      AUTH_CLIENT_REQUIRED_CLAIMS: '{"use":["access"],"tenant":true}',
      AUTH_CLIENT_REFUSED_CLAIMS: '{"bot":["true"]}',
    }
    const strict = { use: 'access', tenant: 't', client_id: 'c', iat: NOW }
    const signed =
      (claims: object = {}, header: object = {}) =>
      () =>
        makeToken(claims, header)
    const changed = (change: (parts: string[]) => string[]) => async () =>
      change((await makeToken({})).split('.')).join('.')
    const encoded = (text: string) => Buffer.from(text).toString('base64url')
    const cases: readonly { readonly what: string; readonly make: () => Promise<string>; readonly env?: object }[] = [
      { what: 'a good token', make: signed() },
      { what: 'nothing', make: async () => '' },
      { what: 'a word', make: async () => 'opaque' },
      { what: 'five parts', make: async () => 'a.b.c.d.e' },
      { what: 'too long a token', make: signed({ x: 'x'.repeat(9000) }) },
      { what: 'bad base64url', make: changed(([h = '', p = '', s = '']) => [h, `${p}=`, s]) },
      { what: 'a header that is no JSON', make: changed(([, p = '', s = '']) => [encoded('{'), p, s]) },
      { what: 'a payload that is no JSON', make: changed(([h = '', , s = '']) => [h, encoded('{'), s]) },
      { what: 'a changed payload', make: changed(([h = '', , s = '']) => [h, encoded('{"sub":"eve"}'), s]) },
      { what: 'no signature', make: changed(([h = '', p = '']) => [h, p, '']) },
      { what: 'crit', make: signed({}, { crit: ['b64'] }) },
      { what: 'a number for kid', make: signed({}, { kid: 5 }) },
      { what: 'an unknown kid', make: signed({}, { kid: 'k2' }) },
      { what: 'no kid', make: signed({}, { kid: undefined }) },
      { what: 'another algorithm', make: signed({}, { alg: 'HS256' }) },
      { what: 'a nested token', make: signed({}, { cty: 'JWT' }) },
      { what: 'another type', make: signed({}, { typ: 'dpop+jwt' }) },
      {
        what: 'a stolen key id',
        make: async () => kit.makeToken(CLAIMS, { key: await forger, header: { kid: 'k1' } }),
      },
      { what: 'another issuer', make: signed({ iss: 'https://idp.test.evil' }) },
      { what: 'no issuer', make: signed({ iss: undefined }) },
      { what: 'a list for iss', make: signed({ iss: ['https://idp.test'] }) },
      { what: 'another audience', make: signed({ aud: ['x'] }) },
      { what: 'no expiry', make: signed({ exp: undefined }) },
      { what: 'text for exp', make: signed({ exp: 'soon' }) },
      { what: 'an expired token', make: signed({ exp: NOW - 6 }) },
      { what: 'one within the tolerance', make: signed({ exp: NOW - 4 }) },
      { what: 'one that is not valid yet', make: signed({ nbf: NOW + 60 }) },
      { what: 'one from the future', make: signed({ iat: NOW + 60 }) },
      { what: 'one of several issuers', make: signed(), env: SEVERAL },
      { what: 'none of several issuers', make: signed({ iss: 'https://third.test' }, { alg: 'none' }), env: SEVERAL },
      { what: 'several issuers, no JSON', make: changed(([h = '', , s = '']) => [h, encoded('['), s]), env: SEVERAL },
      { what: 'all that strict settings ask', make: signed(strict), env: STRICT },
      { what: 'too old a token', make: signed({ ...strict, iat: NOW - 36 }), env: STRICT },
      {
        what: 'a token of unknown age',
        make: signed({ iat: undefined }),
        env: { ...ENV, AUTH_CLIENT_MAX_TOKEN_AGE_SECONDS: '30' },
      },
      { what: 'another profile', make: signed(strict, { typ: 'JWT' }), env: STRICT },
      { what: 'a lack of claims of the profile', make: signed({ ...strict, client_id: undefined }), env: STRICT },
      { what: 'a claim missing', make: signed({ ...strict, use: 'id' }), env: STRICT },
      { what: 'a claim missing that may say anything', make: signed({ ...strict, tenant: '' }), env: STRICT },
      { what: 'a claim refused', make: signed({ ...strict, bot: true }), env: STRICT },
    ]
    const forger = generateSigningKeyPair('RS256')
    const codes = new Set<string>()

    for (const { what, make, env = ENV } of cases) {
      it(`about ${what}`, async () => {
        const token = await make()
        const settings = loadSettings({ env: env as NodeJS.ProcessEnv, configFiles: [] })
        const keys = offlineKeys('jwks.json', folder)
        const verdict = await codeOf(new TokenValidator({ settings, keys, clock: () => NOW * 1000 }).validate(token))
        const { checks, refusal } = JSON.parse(
          (await run(env as NodeJS.ProcessEnv, token, '--jwks', 'jwks.json', '--json')).out,
        )
        const first = checks.find(({ result }: { result: string }) => result !== 'ok')
        expect({ verdict, first: first?.code }).to.deep.equal({ verdict, first: verdict })
        expect(refusal?.code).to.equal(verdict)
        if (verdict !== undefined) {
          codes.add(verdict)
          expect(refusal.advice).to.be.a('string').and.not.equal('')
        }
      })
    }

    after(() =>
      expect([...codes].sort()).to.deep.equal([...Object.keys(TOKEN_INVALID_REASONS), 'token_expired'].sort()),
    )
  })

  describe('says what a route makes of the caller', () => {
    const module = relative(tmpdir(), join(MODULES, 'explained.ts'))
    const about = async (route: string, claims: TestClaims) => {
      const token = await kit.makeToken(claims)
      const args = ['explain', token, '--module', join('..', module), '--route', route]
      const { code, out, err } = await runIn({ cwd: folder }, ...args)
      const lines = out.split('\n')
      return { code, err, said: lines.slice(lines.findIndex((line) => line.includes(' is for '))) }
    }

    for (const { route, claims, code, said } of [
      {
        route: 'GET /orders/:id',
        claims: { roles: ['clerk', 'x'] },
        code: 3,
        said: [
          'GET /orders/:id is for role clerk, and an agent with scope orders:read.',
          '',
          'RESULT     EXPECTED                         HELD',
          'ok         role clerk                       roles: clerk, x',
          "undecided  an agent with scope orders:read  the agent's token is not asked for here",
          '',
          "Undecided: It is up to an agent's token, which is needed as well.",
        ],
      },
      {
        route: 'get /orders/17',
        claims: { roles: ['manager'] },
        code: 3,
        said: [
          'GET /orders/:id is for role clerk, and an agent with scope orders:read.',
          '',
          'RESULT     EXPECTED                         HELD',
          'ok         role clerk                       roles: manager, clerk',
          "undecided  an agent with scope orders:read  the agent's token is not asked for here",
          '',
          "Undecided: It is up to an agent's token, which is needed as well.",
        ],
      },
      {
        route: 'GET /orders/17',
        claims: {},
        code: 1,
        said: [
          'GET /orders/:id is for role clerk, and an agent with scope orders:read.',
          '',
          'RESULT     EXPECTED                         HELD',
          'refused    role clerk                       roles: none',
          "undecided  an agent with scope orders:read  the agent's token is not asked for here",
          '',
          'Refused: Requires one of roles: clerk.',
          'What to do: have the issuer grant what is missing, then get a new token. If the token says it already, see auth_client.role_claims or the RoleResolver.',
        ],
      },
      {
        route: 'POST /orders',
        claims: { scope: 'a b' },
        code: 1,
        said: [
          'POST /orders is for scope orders:write, and role clerk, and policy OpenHours.',
          '',
          'RESULT     EXPECTED            HELD',
          'refused    scope orders:write  scopes: a, b',
          'refused    role clerk          roles: none',
          'undecided  policy OpenHours    policies are not asked here',
          '',
          'Refused: Requires one of scopes: orders:write; and one of roles: clerk.',
          'What to do: have the issuer grant what is missing, then get a new token. If the token says it already, see auth_client.role_claims or the RoleResolver and auth_client.scope_claims.',
        ],
      },
      {
        route: 'POST /orders',
        claims: { roles: ['clerk'], scope: 'orders:write' },
        code: 3,
        said: [
          'POST /orders is for scope orders:write, and role clerk, and policy OpenHours.',
          '',
          'RESULT     EXPECTED            HELD',
          'ok         scope orders:write  scopes: orders:write',
          'ok         role clerk          roles: clerk',
          'undecided  policy OpenHours    policies are not asked here',
          '',
          'Undecided: It is up to policies, which are not asked here: OpenHours.',
        ],
      },
      {
        route: 'POST /orders/night',
        claims: {},
        code: 3,
        said: [
          'POST /orders/night is for not policy OpenHours, and an agent with scope night.',
          '',
          'RESULT     EXPECTED                   HELD',
          'undecided  not policy OpenHours       policies are not asked here',
          "undecided  an agent with scope night  the agent's token is not asked for here",
          '',
          "Undecided: It is up to policies, which are not asked here: OpenHours; and to an agent's token, which is needed as well.",
        ],
      },
      {
        route: 'PUT /orders/17',
        claims: { groups: ['ops'], permissions: ['p'] },
        code: 1,
        said: [
          'PUT /orders/:id is for ((group staff and permission p) or not group ops).',
          '',
          'RESULT   EXPECTED                                           HELD',
          'refused  ((group staff and permission p) or not group ops)  groups: ops; permissions: p',
          '',
          'Refused: Requires any of (one of groups: staff; none of groups: ops).',
          'What to do: have the issuer grant what is missing, then get a new token. If the token says it already, see auth_client.group_claims.',
        ],
      },
      {
        route: 'PUT /orders/17',
        claims: {},
        code: 0,
        said: [
          'PUT /orders/:id is for ((group staff and permission p) or not group ops).',
          '',
          'RESULT  EXPECTED                                           HELD',
          'ok      ((group staff and permission p) or not group ops)  groups: none; permissions: none',
          '',
          'Let in: The caller has what it takes.',
        ],
      },
      {
        route: 'DELETE /orders/17',
        claims: { groups: ['interns'] },
        code: 1,
        said: [
          'DELETE /orders/:id is for not group interns.',
          '',
          'RESULT   EXPECTED           HELD',
          'refused  not group interns  groups: interns',
          '',
          'Refused: Requires none of groups: interns.',
          'What to do: call it as somebody else: the route keeps out who holds what it names.',
        ],
      },
      {
        route: 'GET /orders',
        claims: {},
        code: 0,
        said: ['GET /orders is for any valid token.', 'Let in: The caller has what it takes.'],
      },
      {
        route: 'GET /orders/health',
        claims: { exp: 1 },
        code: 0,
        said: ['GET /orders/health is for anyone.', 'Let in: No token is looked at.'],
      },
      {
        route: 'GET /orders/teaser',
        claims: { exp: 1 },
        code: 1,
        said: [
          'GET /orders/teaser is for anyone; a token that is sent has to be valid.',
          'Refused: The token has to be valid.',
        ],
      },
      {
        route: 'GET /orders/teaser',
        claims: {},
        code: 0,
        said: ['GET /orders/teaser is for anyone; a token that is sent has to be valid.', 'Let in: The token is good.'],
      },
    ]) {
      it(`${route} ${JSON.stringify(claims)}`, async () => {
        expect(await about(route, claims)).to.deep.equal({ code, err: '', said })
      })
    }

    for (const [route, says] of [
      ['/orders', '--route has to be a method and a path, such as "GET /orders/:id"'],
      ['GET /nowhere', 'there is no route GET /nowhere'],
      ['PATCH /orders/1', 'there is no route PATCH /orders/1'],
    ] as const) {
      it(`unless there is none: ${route}`, async () => {
        const { code, err } = await about(route, {})
        expect({ code, err }).to.deep.equal({ code: 2, err: says })
      })
    }

    const asJson = async (route: string, claims: TestClaims) => {
      const token = await kit.makeToken(claims)
      const args = ['--module', join('..', module), '--route', route, '--json']
      return JSON.parse((await runIn({ cwd: folder }, 'explain', token, ...args)).out).route
    }

    it('for programs as well', async () => {
      expect(await asJson('POST /orders', {})).to.deep.equal({
        method: 'POST',
        path: '/orders',
        who: 'scope orders:write, and role clerk, and policy OpenHours',
        verdict: 'refused',
        message: 'Requires one of scopes: orders:write; and one of roles: clerk.',
        conditions: [
          { result: 'refused', expected: 'scope orders:write', held: 'scopes: none' },
          { result: 'refused', expected: 'role clerk', held: 'roles: none' },
          { result: 'undecided', expected: 'policy OpenHours', held: 'policies are not asked here' },
        ],
        missing: { scopes: ['orders:write'], roles: ['clerk'] },
        advice:
          'have the issuer grant what is missing, then get a new token. If the token says it already, see auth_client.role_claims or the RoleResolver and auth_client.scope_claims.',
      })
      const undecided = await asJson('GET /orders/1', { roles: ['clerk'] })
      expect(undecided.verdict).to.equal('undecided')
      expect(undecided).not.to.have.any.keys('missing', 'advice')
    })

    it('in colour on a terminal only', async () => {
      const token = await kit.makeToken()
      const args = ['explain', token, '--module', join('..', module), '--route', 'POST /orders']
      const now = Date.now()
      const surroundings = { cwd: folder, clock: () => now }
      const { out } = await runIn({ ...surroundings, isTerminal: true }, ...args)
      expect(out)
        .to.contain('\u001b[31mrefused\u001b[39m    role clerk')
        .and.contain('\u001b[33mundecided\u001b[39m  policy')
      expect(stripVTControlCharacters(out)).to.equal((await runIn(surroundings, ...args)).out)
    })

    it('letting nothing out of a token move the cursor', async () => {
      const { said } = await about('GET /orders/1', { roles: ['a\u001b[2J'] })
      expect(said.join()).to.contain('roles: a\\u{1b}[2J').and.not.contain('\u001b')
    })
  })

  describe("asks the token's issuer for keys, and nobody else", () => {
    let issuer: TestIssuer
    before(async () => {
      issuer = await TestIssuer.start()
    })
    after(() => issuer.stop())
    const online = (token: string, ...args: readonly string[]) =>
      runIn(
        { cwd: folder, env: { AUTH_CLIENT_ISSUER: issuer.url, AUTH_CLIENT_AUDIENCE: 'test-api' } },
        'explain',
        token,
        ...args,
      )

    it('when it is up', async () => {
      const { jwks } = issuer.requests
      expect((await online(await issuer.makeToken({ aud: 'test-api' }))).code).to.equal(0)
      expect(issuer.requests.jwks).to.be.greaterThan(jwks)
    })

    it('when it is down', async () => {
      issuer.fail(503)
      const { code, out } = await online(await issuer.makeToken({ aud: 'test-api' }))
      issuer.restore()
      expect(code).to.equal(2)
      expect(out).to.match(/refused +key .* answered 503\n/)
      expect(out).to.contain('Refused with 503 keys_unavailable: Signing keys are temporarily unavailable')
      expect(out).to.contain("What to do: see to it that the issuer's keys can be fetched from here")
    })

    it('not for a token that is refused before', async () => {
      const { requests } = issuer
      await online(await issuer.makeToken({}, { header: { alg: 'ES256' } }))
      expect(issuer.requests).to.deep.equal(requests)
    })

    it('not where they are in a file', async () => {
      writeFileSync(join(folder, 'published.json'), JSON.stringify(issuer.jwks))
      const { requests } = issuer
      const token = await issuer.makeToken({ aud: 'test-api' })
      expect((await online(token, '--jwks', 'published.json')).code).to.equal(0)
      expect(issuer.requests).to.deep.equal(requests)
    })
  })

  for (const { what, env = ENV, args, says } of [
    { what: 'no settings', env: {}, args: [], says: 'auth_client.issuer' },
    { what: 'a missing file', args: ['--jwks', 'none.json'], says: 'none.json: the file cannot be read' },
    { what: 'a file that is no JSON', args: ['--jwks', 'bad.json'], says: 'bad.json: is not JSON' },
    { what: 'a file that is no key set', args: ['--jwks', 'one.json'], says: 'one.json: is no JWK Set' },
    { what: 'a route without a module', args: ['--route', 'GET /'], says: '--module' },
    { what: 'an export without a module', args: ['--export', 'container'], says: '--export is about a file' },
    {
      what: 'files beside a module',
      args: ['--config', 'a.yaml', '--module', 'b.ts'],
      says: "option '--config <file...>' cannot be used with option '--module <file>'",
    },
    {
      what: 'security that is off',
      env: { AUTH_CLIENT_ENABLED: 'false' },
      args: [],
      says: 'auth_client.enabled is false',
    },
  ]) {
    it(`says what is wrong: ${what}`, async () => {
      writeFileSync(join(folder, 'bad.json'), '{')
      writeFileSync(join(folder, 'one.json'), JSON.stringify(kit.keyPair.publicJwk))
      const { code, out, err } = await run(env, 'a.b.c', ...args)
      expect({ code, out }).to.deep.equal({ code: 2, out: '' })
      expect(err).to.contain(says)
    })
  }
})

async function codeOf(validation: Promise<unknown>): Promise<string | undefined> {
  try {
    await validation
    return undefined
  } catch (error) {
    if (isAuthError(error)) return error.code
    throw error
  }
}
