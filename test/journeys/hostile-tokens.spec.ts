import { sign } from 'node:crypto'
import { expect } from 'chai'
import {
  type AuthModuleOptions,
  Controller,
  Get,
  OptionalAuthentication,
  RequiresRole,
  SecurityContext,
} from 'inversify-koa-auth'
import { after, before, describe, it } from 'mocha'
import { expectProblem } from '../support/expect-problem.js'
import { rawExchange } from '../support/raw-exchange.js'
import { kit, type RunningApp, startApp } from '../support/start-app.js'

@Controller()
class CallerController {
  @Get('/me')
  me() {
    return { sub: SecurityContext.require().sub, roles: SecurityContext.getRoles() }
  }

  @Get('/greeting')
  @OptionalAuthentication()
  greeting() {
    return {}
  }

  @Get('/admin')
  @RequiresRole('admin')
  admin() {
    return {}
  }

  @Get('/inherited')
  @RequiresRole('constructor', '__proto__', 'toString', 'hasOwnProperty', 'length', '0')
  inherited() {
    return {}
  }
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const HEADER = { alg: 'RS256', typ: 'at+jwt', kid: kit.keyPair.kid }

const base64url = (content: string | Uint8Array) => Buffer.from(content).toString('base64url')
const text = (content: unknown) => (typeof content === 'string' ? content : JSON.stringify(content))

/** Signs whatever it is given with the issuer's real key: only the form of the token can be what is wrong. */
function signed(header: unknown, payload: unknown): string {
  const bytes = payload instanceof Uint8Array ? payload : text(payload)
  const input = `${base64url(text(header))}.${base64url(bytes)}`
  return `${input}.${sign('sha256', Buffer.from(input), kit.keyPair.privateKeyPem).toString('base64url')}`
}

function claims(other: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const now = Math.floor(Date.now() / 1000)
  return { iss: kit.issuer, aud: kit.audience, sub: 'ann', iat: now, exp: now + 300, jti: 'one', ...other }
}

/** The claims as JSON, with a member written in by hand in front. */
function written(member: string, other: Readonly<Record<string, unknown>> = {}): string {
  return `{${member},${JSON.stringify(claims(other)).slice(1)}`
}

const good = () => signed(HEADER, claims())
const withHeader = (members: object) => signed({ ...HEADER, ...members }, claims())
const withClaims = (members: Readonly<Record<string, unknown>>) => signed(HEADER, claims(members))
const spare = (segment: string) => segment.slice(0, -1) + ALPHABET[ALPHABET.indexOf(segment.slice(-1)) + 1]
const part = (token: string, index: number, change: (segment: string) => string) =>
  token
    .split('.')
    .map((segment, i) => (i === index ? change(segment) : segment))
    .join('.')

/** Node closes a connection while a much too large head is still on its way; its answer may get lost with that. */
const RESET = 0

interface Hostile {
  readonly what: string
  readonly code: string
  readonly token: () => string | Promise<string>
}

const MALFORMED = 'token_malformed'
const UNSUPPORTED = 'header_unsupported'
const CLAIM = 'claim_malformed'

const HOSTILE: Readonly<Record<string, readonly Hostile[]>> = {
  'a header with': [
    { what: 'crit', code: UNSUPPORTED, token: () => withHeader({ crit: ['exp'] }) },
    { what: 'an empty crit', code: UNSUPPORTED, token: () => withHeader({ crit: [] }) },
    { what: 'an unencoded payload (b64)', code: UNSUPPORTED, token: () => withHeader({ b64: false, crit: ['b64'] }) },
    { what: 'b64 without crit', code: UNSUPPORTED, token: () => withHeader({ b64: false }) },
    { what: 'compression (zip)', code: UNSUPPORTED, token: () => withHeader({ zip: 'DEF' }) },
    { what: 'encryption (enc)', code: UNSUPPORTED, token: () => withHeader({ enc: 'A256GCM' }) },
    { what: 'a nested JWT (cty)', code: UNSUPPORTED, token: () => signed({ ...HEADER, cty: 'JWT' }, good()) },
    { what: 'no algorithm', code: MALFORMED, token: () => withHeader({ alg: undefined }) },
    { what: 'an algorithm that is a list', code: MALFORMED, token: () => withHeader({ alg: ['RS256'] }) },
    {
      what: 'an algorithm that is inherited',
      code: MALFORMED,
      token: () => signed('{"__proto__":{"alg":"RS256"}}', claims()),
    },
    { what: 'the algorithm constructor', code: 'algorithm_refused', token: () => withHeader({ alg: 'constructor' }) },
    { what: 'the algorithm __proto__', code: 'algorithm_refused', token: () => withHeader({ alg: '__proto__' }) },
    { what: 'a key id that is a number', code: MALFORMED, token: () => withHeader({ kid: 5 }) },
    { what: 'the key id __proto__', code: 'key_unknown', token: () => withHeader({ kid: '__proto__' }) },
    { what: 'the key id constructor', code: 'key_unknown', token: () => withHeader({ kid: 'constructor' }) },
    { what: 'a key id that is a path', code: 'key_unknown', token: () => withHeader({ kid: '../../../../dev/null' }) },
    { what: 'a key id that is a query', code: 'key_unknown', token: () => withHeader({ kid: "' OR 1=1 --" }) },
    { what: 'a type that is a list', code: 'type_refused', token: () => withHeader({ typ: ['JWT'] }) },
    {
      what: 'the type of an ID token of somebody else',
      code: 'type_refused',
      token: () => withHeader({ typ: 'secevent+jwt' }),
    },
    {
      what: 'two algorithms',
      code: MALFORMED,
      token: () => signed(`{"alg":"none",${JSON.stringify(HEADER).slice(1)}`, claims()),
    },
    {
      what: 'two algorithms, one of them escaped',
      code: MALFORMED,
      token: () => signed(`{"\\u0061lg":"none",${JSON.stringify(HEADER).slice(1)}`, claims()),
    },
    { what: 'a list for an object', code: MALFORMED, token: () => signed([HEADER], claims()) },
    { what: 'nothing', code: MALFORMED, token: () => signed('', claims()) },
  ],
  'a form of': [
    { what: 'an encrypted token (five parts)', code: MALFORMED, token: () => `${good()}.AAAA.AAAA` },
    { what: 'four parts', code: MALFORMED, token: () => `${good()}.AAAA` },
    { what: 'two parts', code: MALFORMED, token: () => good().split('.').slice(0, 2).join('.') },
    { what: 'a dot at the end', code: MALFORMED, token: () => `${good()}.` },
    { what: 'dots only', code: MALFORMED, token: () => '..' },
    { what: 'a thousand dots', code: MALFORMED, token: () => '.'.repeat(1000) },
    { what: 'padding', code: MALFORMED, token: () => `${good()}==` },
    { what: 'bits to spare in the signature', code: MALFORMED, token: () => part(good(), 2, spare) },
    {
      what: 'the other alphabet',
      code: MALFORMED,
      token: () => part(good(), 2, (signature) => `${signature.slice(0, -2)}+/`),
    },
    { what: 'a character that base64url has not', code: MALFORMED, token: () => part(good(), 1, (it) => `~${it}`) },
    { what: 'no signature', code: 'signature_mismatch', token: () => part(good(), 2, () => '') },
    { what: 'no payload', code: 'signature_mismatch', token: () => part(good(), 1, () => '') },
  ],
  'a payload that is': [
    { what: 'nothing', code: MALFORMED, token: () => signed(HEADER, '') },
    { what: 'a list', code: MALFORMED, token: () => signed(HEADER, [claims()]) },
    { what: 'an empty list', code: MALFORMED, token: () => signed(HEADER, []) },
    { what: 'null', code: MALFORMED, token: () => signed(HEADER, 'null') },
    { what: 'true', code: MALFORMED, token: () => signed(HEADER, 'true') },
    { what: 'a number', code: MALFORMED, token: () => signed(HEADER, '5') },
    { what: 'a string', code: MALFORMED, token: () => signed(HEADER, '"text"') },
    { what: 'another token', code: MALFORMED, token: () => signed(HEADER, good()) },
    {
      what: 'an object without an end',
      code: MALFORMED,
      token: () => signed(HEADER, JSON.stringify(claims()).slice(0, -1)),
    },
    { what: 'two objects', code: MALFORMED, token: () => signed(HEADER, `${JSON.stringify(claims())}{}`) },
    {
      what: 'in UTF-16',
      code: MALFORMED,
      token: () => signed(HEADER, Buffer.from(JSON.stringify(claims()), 'utf16le')),
    },
    {
      what: 'not UTF-8',
      code: MALFORMED,
      token: () => signed(HEADER, Buffer.from(JSON.stringify(claims({ name: '\u00ff' })), 'latin1')),
    },
    {
      what: 'marked with a byte order',
      code: MALFORMED,
      token: () => signed(HEADER, `\ufeff${JSON.stringify(claims())}`),
    },
    { what: 'an object with a claim twice', code: MALFORMED, token: () => signed(HEADER, written('"sub":"eve"')) },
    {
      what: 'an object with a claim twice, once escaped',
      code: MALFORMED,
      token: () => signed(HEADER, written('"su\\u0062":"eve"')),
    },
    { what: 'an object with two audiences', code: MALFORMED, token: () => signed(HEADER, written('"aud":"other"')) },
    {
      what: 'an object with a claim twice further in',
      code: MALFORMED,
      token: () => signed(HEADER, written('"realm_access":{"roles":["admin"],"roles":[]}')),
    },
    {
      what: 'an object nested very deep',
      code: 'token_too_long',
      token: () => signed(HEADER, written(`"a":${'['.repeat(4000)}${']'.repeat(4000)}`)),
    },
    { what: 'an empty object', code: 'issuer_mismatch', token: () => signed(HEADER, {}) },
  ],
  'a claim that is': [
    ...(['iss', 'sub', 'jti'] as const).flatMap((name) =>
      [[kit.issuer], { name: 'ann' }, 5, true, null].map((value) => ({
        what: `${name} ${JSON.stringify(value)}`,
        code: CLAIM,
        token: () => withClaims({ [name]: value }),
      })),
    ),
    ...[5, true, null, { 0: kit.audience }, [5], [kit.audience, 5], [[kit.audience]], [null]].map((value) => ({
      what: `aud ${JSON.stringify(value)}`,
      code: CLAIM,
      token: () => withClaims({ aud: value }),
    })),
    { what: 'aud []', code: 'audience_mismatch', token: () => withClaims({ aud: [] }) },
    { what: 'aud ""', code: 'audience_mismatch', token: () => withClaims({ aud: '' }) },
    ...(['exp', 'nbf', 'iat'] as const).flatMap((name) =>
      ['9999999999', [9_999_999_999], { value: 9_999_999_999 }, true, null].map((value) => ({
        what: `${name} ${JSON.stringify(value)}`,
        code: CLAIM,
        token: () => withClaims({ [name]: value }),
      })),
    ),
    { what: 'exp 1e400', code: CLAIM, token: () => signed(HEADER, written('"exp":1e400', { exp: undefined })) },
    { what: 'exp -1', code: 'token_expired', token: () => withClaims({ exp: -1 }) },
    { what: 'exp in milliseconds ago', code: 'token_expired', token: () => withClaims({ exp: 0 }) },
    { what: 'nbf in milliseconds', code: 'not_yet_valid', token: () => withClaims({ nbf: Date.now() }) },
    { what: 'iat in milliseconds', code: 'issued_in_future', token: () => withClaims({ iat: Date.now() }) },
    {
      what: 'registered, but inherited',
      code: 'issuer_mismatch',
      token: () => signed(HEADER, `{"__proto__":${JSON.stringify(claims())}}`),
    },
  ],
}

describe('hostile tokens with the issuer\u2019s own signature', () => {
  let app: RunningApp
  before(async () => {
    app = await startApp({ controllers: [CallerController] })
  })
  after(() => app.stop())

  it('differ from a good one in one thing only', async () => {
    const response = await app.get('/me', { token: good() })
    expect(response.status).to.equal(200)
    expect(await response.json()).to.deep.equal({ sub: 'ann', roles: [] })
  })

  for (const [where, tokens] of Object.entries(HOSTILE)) {
    describe(`are refused: ${where}`, () => {
      for (const { what, code, token } of tokens) {
        it(what, async () => {
          const sent = await token()
          for (const path of ['/me', '/greeting', '/me']) {
            await expectProblem(await app.get(path, { token: sent }), {
              status: 401,
              code,
              detail: /^(Invalid token: |Token has expired$)/,
              challenge: 'Bearer error="invalid_token"',
            })
          }
          expect(app.errors).to.deep.equal([])
        })
      }
    })
  }

  describe('give nobody a role', () => {
    const admins: Readonly<Record<string, () => string>> = {
      'by __proto__': () => signed(HEADER, written('"__proto__":{"role":"admin"}')),
      'by __proto__ further in': () => signed(HEADER, written('"role":{"__proto__":["admin"]}')),
      'by constructor': () => signed(HEADER, written('"constructor":{"prototype":{"role":"admin"}}')),
      'by a list in a list': () => withClaims({ role: [['admin']] }),
      'by an object that looks like a list': () => withClaims({ role: { 0: 'admin', length: 1 } }),
      'by an object that looks like a string': () => withClaims({ role: { toString: 'admin', valueOf: 'admin' } }),
      'by other letters': () => withClaims({ role: ['Admin', 'ADMIN', 'admin ', ' admin', 'admin\0', '\u0430dmin'] }),
      'by another claim': () => withClaims({ roles: ['admin'], scope: 'admin', groups: ['admin'], Role: 'admin' }),
      'by a list in one text': () => withClaims({ role: 'admin,user' }),
    }
    for (const [how, token] of Object.entries(admins)) {
      it(how, async () => {
        for (const path of ['/admin', '/inherited', '/admin']) {
          expect((await app.get(path, { token: token() })).status).to.equal(403)
        }
        expect((await app.get('/admin', { token: good() })).status).to.equal(403)
        expect(Object.hasOwn(Object.prototype, 'role')).to.equal(false)
      })
    }

    for (const roleClaims of [
      'constructor',
      '__proto__',
      '__proto__.role',
      'constructor.name',
      'toString',
      'role.length',
      'sub.constructor.name',
    ]) {
      it(`by what every object has, where roles are read from ${roleClaims}`, async () => {
        const reading = await startApp({ controllers: [CallerController], settings: { roleClaims: [roleClaims] } })
        try {
          const response = await reading.get('/me', { token: withClaims({ role: 'admin' }) })
          expect(await response.json()).to.deep.equal({ sub: 'ann', roles: [] })
          expect((await reading.get('/inherited', { token: withClaims({ role: 'admin' }) })).status).to.equal(403)
        } finally {
          await reading.stop()
        }
      })
    }

    it('but the one they name, even when that is called constructor or __proto__', async () => {
      for (const role of ['constructor', '__proto__', 'toString']) {
        expect((await app.get('/inherited', { token: withClaims({ role }) })).status).to.equal(200)
        expect((await app.get('/admin', { token: withClaims({ role }) })).status).to.equal(403)
      }
    })
  })

  describe('that are very large', () => {
    const padded = (bytes: number) => {
      const size = good().length
      return withClaims({ padding: 'x'.repeat(Math.floor(((bytes - size) * 3) / 4) - 30) })
    }
    const large: readonly { what: string; token: () => string; statuses: readonly number[] }[] = [
      { what: '9 KB', token: () => padded(9 * 1024), statuses: [401] },
      { what: '15 KB', token: () => padded(15 * 1024), statuses: [401] },
      { what: '20 KB', token: () => padded(20 * 1024), statuses: [431] },
      { what: '1 MB', token: () => padded(1024 * 1024), statuses: [431, RESET] },
      {
        what: '10,000 roles',
        token: () => withClaims({ role: Array.from({ length: 10_000 }, (_, i) => `r${i}`) }),
        statuses: [431, RESET],
      },
      {
        what: '1,000 roles',
        token: () => withClaims({ role: Array.from({ length: 1000 }, (_, i) => `role-${i}`) }),
        statuses: [401],
      },
    ]
    for (const { what, token, statuses } of large) {
      it(`are refused: ${what}`, async () => {
        const lines = ['GET /me HTTP/1.1', 'Host: a', `Authorization: Bearer ${token()}`, '', '']
        const answer = await rawExchange(app.port, ...lines)
        expect(statuses).to.include(answer.status)
        if (answer.status === 401) expect(JSON.parse(answer.body)).to.include({ code: 'token_too_long' })
      })
    }

    it('are accepted where the settings say so, with every role counted', async () => {
      const generous = await startApp({ controllers: [CallerController], settings: { maxTokenBytes: 16_000 } })
      try {
        const roles = [...Array.from({ length: 1000 }, (_, i) => `r-${i}`), 'admin']
        for (let i = 0; i < 2; i++) {
          expect((await generous.get('/admin', { token: withClaims({ role: roles }) })).status).to.equal(200)
          expect((await generous.get('/admin', { token: withClaims({ role: roles.slice(0, -1) }) })).status).to.equal(
            403,
          )
        }
        expect(
          (await generous.get('/me', { token: signed(HEADER, written(`"a":${'['.repeat(4000)}${']'.repeat(4000)}`)) }))
            .status,
        ).to.be.oneOf([200, 401])
        expect(generous.errors).to.deep.equal([])
      } finally {
        await generous.stop()
      }
    })
  })

  describe('under the profile rfc9068', () => {
    let profiled: RunningApp
    before(async () => {
      const settings: AuthModuleOptions = { profile: 'rfc9068' }
      profiled = await startApp({ controllers: [CallerController], settings })
    })
    after(() => profiled.stop())

    const whole = (other: Readonly<Record<string, unknown>> = {}) => claims({ client_id: 'app', ...other })

    for (const typ of ['at+jwt', 'AT+JWT', 'application/at+jwt']) {
      it(`are accepted when nothing is missing: ${typ}`, async () => {
        expect((await profiled.get('/me', { token: signed({ ...HEADER, typ }, whole()) })).status).to.equal(200)
      })
    }

    for (const typ of [undefined, 'JWT', 'jwt', 'at', 'at+jwt ', 'id+jwt', 'application/jwt', '']) {
      it(`are refused when they are of type ${JSON.stringify(typ)}`, async () => {
        await expectProblem(await profiled.get('/me', { token: signed({ ...HEADER, typ }, whole()) }), {
          status: 401,
          code: 'type_refused',
          detail: 'Invalid token: its type is not accepted',
          challenge: 'Bearer error="invalid_token"',
        })
      })
    }

    for (const { name, code, values } of [
      { name: 'sub', code: 'profile_mismatch', values: [undefined, ''] },
      { name: 'jti', code: 'profile_mismatch', values: [undefined, ''] },
      { name: 'iat', code: 'profile_mismatch', values: [undefined] },
      { name: 'client_id', code: 'profile_mismatch', values: [undefined, '', 5, ['app'], null, { id: 'app' }] },
      { name: 'exp', code: 'expiry_missing', values: [undefined] },
      { name: 'aud', code: 'audience_mismatch', values: [undefined] },
      { name: 'iss', code: 'issuer_mismatch', values: [undefined] },
    ]) {
      for (const value of values) {
        it(`are refused when their ${name} is ${JSON.stringify(value)}`, async () => {
          await expectProblem(await profiled.get('/me', { token: signed(HEADER, whole({ [name]: value })) }), {
            status: 401,
            code,
            detail: /^Invalid token: /,
            challenge: 'Bearer error="invalid_token"',
          })
        })
      }
    }
  })
})
