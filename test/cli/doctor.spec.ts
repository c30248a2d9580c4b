import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { expect } from 'chai'
import { generateSigningKeyPair, TestIssuer } from 'inversify-koa-auth/testing'
import { after, afterEach, before, beforeEach, describe, it } from 'mocha'
import { runIn } from '../support/command.js'

const MODULES = fileURLToPath(new URL('modules/', import.meta.url))

const ES256 = (await generateSigningKeyPair('ES256')).publicJwk
const RS256 = await generateSigningKeyPair('RS256')
const SHORT = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' })

describe('the command doctor', () => {
  let folder: string
  let issuer: TestIssuer
  before(async () => {
    issuer = await TestIssuer.start({ keyPair: RS256 })
    folder = mkdtempSync(join(tmpdir(), 'doctor-'))
  })
  after(async () => {
    await issuer.stop()
    rmSync(folder, { recursive: true })
  })
  afterEach(() => issuer.restore())

  const run = async (env: NodeJS.ProcessEnv = {}, ...args: readonly string[]) => {
    const all = { AUTH_CLIENT_ISSUER: issuer.url, AUTH_CLIENT_AUDIENCE: 'orders', ...env }
    const { code, out, err } = await runIn({ cwd: folder, env: all }, 'doctor', ...args)
    const text = out.replaceAll(issuer.url, 'http://issuer').replace(/, in \d+ ms/g, ', in N ms')
    return { code, err, lines: text.split('\n'), out: text }
  }
  /** The findings about the issuer. */
  const ofIssuer = async (env?: NodeJS.ProcessEnv) => {
    const { out } = await run(env)
    const [, block = ''] = /\n\nhttp:\/\/issuer\n([\s\S]*?)\n\n/.exec(out) ?? []
    return block.split('\n').map((line) => line.trim().replace(/^(ok|warning|problem) +/, '$1: '))
  }

  it('finds nothing where nothing is wrong but the issuer being a test', async () => {
    const { code, err, lines } = await run()
    expect({ code, err }).to.deep.equal({ code: 0, err: '' })
    expect(lines).to.deep.equal([
      'Settings',
      '  warning  the issuer is on this machine (http)',
      '           set auth_client.issuer to the https URL of the real one.',
      '',
      'http://issuer',
      '  ok       metadata at http://issuer/.well-known/openid-configuration, in N ms',
      '  ok       1 key at http://issuer/jwks, in N ms',
      `  ok       key ${RS256.kid}: RSA, 2048 bits, alg RS256, for RS256`,
      '  ok       its clock and ours agree to within 1 s',
      '',
      'No problems, 1 warning.',
    ])
  })

  it('takes a warning for a problem where it is told to, or in production', async () => {
    expect((await run({}, '--strict')).code).to.equal(1)
    const production = { NODE_ENV: 'production', AUTH_CLIENT_REQUIRE_EXPLICIT: 'true' }
    const { code, out } = await run({ ...production, AUTH_CLIENT_JWKS_ENDPOINT: issuer.jwksUri })
    expect(code).to.equal(1)
    expect(out).to.contain('  problem  the issuer is on this machine (http)\n')
    expect(out).to.contain("  problem  the issuer's keys are taken from this machine (http)\n")
  })

  it('prints the same for programs', async () => {
    const { code, out } = await run({}, '--json')
    const { problems, warnings, sections } = JSON.parse(out)
    expect({ code, problems, warnings }).to.deep.equal({ code: 0, problems: 0, warnings: 1 })
    expect(sections[1].title).to.equal('http://issuer')
    expect(sections[1].findings[1]).to.deep.equal({ level: 'ok', found: '1 key at http://issuer/jwks, in N ms' })
  })

  it('is in colour on a terminal only', async () => {
    const env = { AUTH_CLIENT_ENABLED: 'false' }
    const { out } = await runIn({ cwd: folder, env, isTerminal: true }, 'doctor')
    expect(out).to.contain('\u001b[33mwarning\u001b[39m')
    expect(stripVTControlCharacters(out)).to.equal((await runIn({ cwd: folder, env }, 'doctor')).out)
  })

  it('lists every problem of settings that cannot be read', async () => {
    const { code, err, out } = await run({
      AUTH_CLIENT_ISSUER: 'http://idp.test',
      AUTH_CLIENT_JWKS_TTL_SECONDS: 'soon',
    })
    expect({ code, out }).to.deep.equal({ code: 2, out: '' })
    expect(err).to.contain('AUTH_CLIENT_ISSUER').and.to.contain('AUTH_CLIENT_JWKS_TTL_SECONDS')
  })

  it('takes the settings of a module', async () => {
    const module = relative(folder, join(MODULES, 'orders.ts'))
    const { out } = await runIn({ cwd: folder }, 'doctor', '--module', module)
    expect(out).to.contain(
      '\n\nhttps://idp.test\n  problem  https://idp.test/.well-known/openid-configuration could not',
    )
  })

  describe('says of an issuer', () => {
    for (const { what, fault, env, says } of [
      {
        what: 'that it is down',
        fault: () => issuer.fail(503),
        says: [
          'problem: http://issuer/.well-known/openid-configuration answered 503',
          'see to the service itself.',
          'ok: its clock and ours agree to within 1 s',
        ],
      },
      {
        what: 'that it hangs',
        fault: () => issuer.hang(),
        env: { AUTH_CLIENT_JWKS_TIMEOUT_MS: '50' },
        says: [
          'problem: http://issuer/.well-known/openid-configuration did not answer within 50 ms',
          'open the address by hand and compare.',
        ],
      },
      {
        what: 'that it redirects elsewhere',
        fault: () => issuer.redirect('https://elsewhere.test/'),
        says: [
          'ok: metadata at http://issuer/.well-known/openid-configuration, in N ms',
          'problem: http://issuer/jwks redirects to another origin',
          'open the address by hand and compare.',
          'ok: its clock and ours agree to within 1 s',
        ],
      },
      {
        what: 'that it has no metadata',
        fault: () => issuer.fail(404, { on: 'discovery' }),
        says: [
          'warning: there is no metadata: the keys are taken to be at http://issuer/api/v1/auth/jwks',
          'set auth_client.jwks_endpoint, or check auth_client.issuer.',
          'problem: http://issuer/api/v1/auth/jwks answered 404',
          'open the address by hand and compare.',
          'ok: its clock and ours agree to within 1 s',
        ],
      },
      {
        what: 'that it spells itself with a slash',
        fault: () => issuer.serveDiscovery(JSON.stringify({ issuer: `${issuer.url}/`, jwks_uri: issuer.jwksUri })),
        says: [
          'problem: the issuer calls itself http://issuer/, not http://issuer (they differ by the slash at the end only)',
          'set auth_client.issuer to http://issuer/, if that is the one you trust.',
          'ok: its clock and ours agree to within 1 s',
        ],
      },
      {
        what: 'that it is another one',
        fault: () => issuer.serveDiscovery('{"issuer":"https://x.test\\u001b[2J"}'),
        says: [
          'problem: the issuer calls itself https://x.test\\u{1b}[2J, not http://issuer',
          'set auth_client.issuer to https://x.test\\u{1b}[2J, if that is the one you trust.',
          'ok: its clock and ours agree to within 1 s',
        ],
      },
      {
        what: 'that it says nothing about itself',
        fault: () => issuer.serveDiscovery('{}'),
        says: [
          'problem: http://issuer/.well-known/openid-configuration speaks for another issuer than the configured one',
          'check auth_client.issuer.',
          'ok: its clock and ours agree to within 1 s',
        ],
      },
      {
        what: 'that its keys are none',
        fault: () => issuer.serve('[]'),
        says: [
          'ok: metadata at http://issuer/.well-known/openid-configuration, in N ms',
          'problem: http://issuer/jwks did not send a JWK Set',
          'check auth_client.jwks_endpoint.',
          'ok: its clock and ours agree to within 1 s',
        ],
      },
    ]) {
      it(what, async () => {
        fault()
        expect(await ofIssuer(env)).to.deep.equal(says)
      })
    }

    it('that its clock is another', async () => {
      const env = { AUTH_CLIENT_ISSUER: issuer.url, AUTH_CLIENT_AUDIENCE: 'orders' }
      for (const [shift, says] of [
        [-90_000, /warning {2}its clock is (89|90|91) s ahead of ours; 5 s are tolerated/],
        [90_000, /warning {2}its clock is (89|90|91) s behind ours; 5 s are tolerated/],
      ] as const) {
        const { out } = await runIn({ cwd: folder, env, clock: () => Date.now() + shift }, 'doctor')
        expect(out).to.match(says)
      }
    })

    it('that nothing listens there, and what stands in an address but not its query', async () => {
      const gone = await TestIssuer.start({ keyPair: RS256 })
      const { url } = gone
      await gone.stop()
      const env = { AUTH_CLIENT_JWKS_ENDPOINT: `${url}/keys?code=hidden` }
      expect(await ofIssuer(env)).to.deep.equal([
        `warning: the issuer's metadata name other keys: http://issuer/jwks, not ${url}/keys`,
        'leave auth_client.jwks_endpoint out, unless it is meant: keys may be rotated in one place only.',
        `problem: ${url}/keys could not be reached: nothing listens there (ECONNREFUSED)`,
        'check the port, and whether the service is running.',
        'ok: its clock and ours agree to within 1 s',
      ])
      issuer.serve('[]')
      expect((await run({ AUTH_CLIENT_JWKS_ENDPOINT: `${issuer.jwksUri}?code=hidden` })).out).not.to.contain('hidden')
    })
  })

  describe('says of an issuer whose keys are where jwks_endpoint says', () => {
    const METADATA = 'ok: metadata at http://issuer/.well-known/openid-configuration, in N ms'
    const OTHER_KEYS = [
      "warning: the issuer's metadata name other keys: https://cdn.test/jwks, not http://issuer/jwks",
      'leave auth_client.jwks_endpoint out, unless it is meant: keys may be rotated in one place only.',
    ]
    const says = (name: string) => issuer.serveDiscovery({ issuer: name, jwks_uri: issuer.jwksUri })
    const named = (jwks_uri?: unknown) => issuer.serveDiscovery({ issuer: issuer.url, jwks_uri })
    const unchecked = (why: string) => [
      `warning: auth_client.issuer can't be compared: http://issuer/.well-known/openid-configuration ${why}`,
      'see that it is spelt as in the tokens.',
    ]
    for (const { what, metadata = () => undefined, found, code = 0 } of [
      { what: 'that all is as it says itself', found: [METADATA] },
      {
        what: 'the same of keys for one client',
        metadata: () => named(`${issuer.jwksUri}?appid=a`),
        found: [METADATA],
      },
      { what: 'the same where it does not say where its keys are', metadata: () => named(), found: [METADATA] },
      {
        what: 'that it spells itself with a slash',
        metadata: () => says(`${issuer.url}/`),
        found: [
          'problem: the issuer calls itself http://issuer/, not http://issuer (they differ by the slash at the end only)',
          'set auth_client.issuer to http://issuer/, if that is the one you trust.',
        ],
        code: 1,
      },
      {
        what: 'that it is another one',
        metadata: () => says('https://x.test'),
        found: [
          'problem: the issuer calls itself https://x.test, not http://issuer',
          'set auth_client.issuer to https://x.test, if that is the one you trust.',
        ],
        code: 1,
      },
      {
        what: 'that it names other keys',
        metadata: () => named('https://cdn.test/jwks?key=hidden'),
        found: OTHER_KEYS,
      },
      {
        what: 'that it has no metadata',
        metadata: () => issuer.fail(404, { on: 'discovery' }),
        found: ['ok: it has no metadata to compare auth_client.issuer with'],
      },
      {
        what: 'that its metadata are down',
        metadata: () => issuer.fail(503, { on: 'discovery' }),
        found: unchecked('answered 503'),
      },
      {
        what: "that its metadata are nobody's",
        metadata: () => issuer.serveDiscovery({}),
        found: unchecked('speaks for another issuer than the configured one'),
      },
    ]) {
      it(what, async () => {
        metadata()
        const env = { AUTH_CLIENT_JWKS_ENDPOINT: issuer.jwksUri }
        expect(await ofIssuer(env)).to.deep.equal([
          ...found,
          'ok: 1 key at http://issuer/jwks, in N ms',
          `ok: key ${RS256.kid}: RSA, 2048 bits, alg RS256, for RS256`,
          'ok: its clock and ours agree to within 1 s',
        ])
        expect((await run(env)).code).to.equal(code)
      })
    }
  })

  describe('looks at the clock of an issuer', () => {
    let server: Server
    let url: string
    let sent: Readonly<Record<'metadata' | 'keys', { readonly old: number; readonly age?: string }>>
    beforeEach(async () => {
      server = createServer((request, response) => {
        const isKeys = request.url === '/jwks'
        const { old, age } = isKeys ? sent.keys : sent.metadata
        response.setHeader('Date', new Date(Date.now() - old * 1000).toUTCString())
        if (age !== undefined) response.setHeader('Age', age)
        response.end(JSON.stringify(isKeys ? issuer.jwks : { issuer: url, jwks_uri: `${url}/jwks` }))
      })
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    })
    afterEach(() => {
      server.closeAllConnections()
      server.close()
    })

    for (const { what, answers, says } of [
      {
        what: 'by the last answer',
        answers: { metadata: { old: 0 }, keys: { old: 90 } },
        says: /^ {2}warning {2}its clock is (89|90|91) s behind ours; 5 s are tolerated$/m,
      },
      {
        what: 'which may have come through a cache',
        answers: { metadata: { old: 0 }, keys: { old: 90, age: '0' } },
        says: /^ {2}warning {2}its clock is (89|90|91) s behind ours; 5 s are tolerated$/m,
      },
      {
        what: 'but not by one that comes out of a cache',
        answers: { metadata: { old: 0 }, keys: { old: 600, age: '600' } },
        says: /^ {2}ok {7}its clock and ours agree to within 1 s$/m,
      },
      {
        what: 'nor by one that tells an age nobody understands',
        answers: { metadata: { old: 0 }, keys: { old: 600, age: 'ages' } },
        says: /^ {2}ok {7}its clock and ours agree to within 1 s$/m,
      },
      {
        what: 'unless all of them do',
        answers: { metadata: { old: 600, age: '600' }, keys: { old: 0, age: '600' } },
        says: /^ {2}ok {7}its clock can't be told: a cache answers for it$/m,
      },
    ]) {
      it(what, async () => {
        sent = answers
        const { out } = await run({ AUTH_CLIENT_ISSUER: url })
        expect(out).to.match(says)
        expect(out.match(/its clock/g)).to.have.length(1)
      })
    }
  })

  describe('says of keys', () => {
    const named = (key: object, kid: string) => ({ ...key, kid })
    for (const { what, keys, env, says } of [
      { what: 'that there are none', keys: [], says: ['problem: there is no key for RS256: no token can be accepted'] },
      {
        what: 'which of them are of no use, and why',
        keys: [
          RS256.publicJwk,
          5,
          { kty: 'oct', kid: 'o' },
          { kty: 'RSA', kid: 'r' },
          named({ ...ES256, use: 'enc' }, 'e'),
          named({ ...ES256, use: undefined, key_ops: ['sign'] }, 's'),
          { ...ES256, kid: 5 },
          named(SHORT, 'short'),
        ],
        says: [
          `ok: key ${RS256.kid}: RSA, 2048 bits, alg RS256, for RS256`,
          'ok: key number 2, without a kid, is no JSON object; it is left alone',
          'ok: key o is of a type (kty) that has no public keys for signatures; it is left alone',
          'ok: key r lacks one of n, e; it is left alone',
          'ok: key e is not meant for signatures (use); it is left alone',
          'ok: key s is not meant to verify (key_ops); it is left alone',
          'ok: key number 7, without a kid, has a kid or alg that is no text; it is left alone',
          'warning: key short (RSA, 1024 bits) is too weak or broken: its tokens are refused',
        ],
      },
      {
        what: 'that algorithms and keys do not meet',
        keys: [named(ES256, 'e')],
        says: [
          'warning: key e (EC, P-256, alg ES256) fits none of auth_client.accepted_algorithms: its tokens are refused',
          'problem: there is no key for RS256: no token can be accepted',
        ],
      },
      {
        what: 'which algorithm has none',
        keys: [named(ES256, 'e')],
        env: { AUTH_CLIENT_ACCEPTED_ALGORITHMS: 'ES256,RS256' },
        says: ['ok: key e: EC, P-256, alg ES256, for ES256', 'warning: there is no key for RS256'],
      },
      {
        what: 'that there is no telling two of them apart',
        keys: [
          named(ES256, 'e'),
          { ...named(RS256.publicJwk, 'e') },
          named(SHORT, 'e'),
          { ...RS256.publicJwk, kid: 'e', e: 'Aw' },
        ],
        says: [
          'warning: key e (EC, P-256, alg ES256) fits none of auth_client.accepted_algorithms: its tokens are refused',
          'ok: key e: RSA, 2048 bits, alg RS256, for RS256',
          'warning: key e (RSA, 1024 bits) is too weak or broken: its tokens are refused',
          'ok: key e: RSA, 2048 bits, alg RS256, for RS256',
          'problem: 2 keys for RS256 with the kid e: there is no telling which is meant, and their tokens are refused',
        ],
      },
      {
        what: 'that a private one is public',
        keys: [RS256.privateJwk],
        says: [
          `problem: key ${RS256.kid} is published with its private half (d, p, q, dp, dq, qi): anybody can sign tokens`,
          `ok: key ${RS256.kid}: RSA, 2048 bits, alg RS256, for RS256`,
        ],
      },
    ]) {
      it(what, async () => {
        issuer.serve(JSON.stringify({ keys }))
        const found = (await ofIssuer(env)).filter((line) => /^(ok|warning|problem):/.test(line))
        expect(found.slice(2, -1)).to.deep.equal(says)
      })
    }
  })

  describe('says of settings', () => {
    for (const [what, env, says] of [
      ['that nothing is enforced', { ENABLED: 'false' }, 'auth_client.enabled is false'],
      ['that development tokens are accepted', { DEV_KEYS: 'true' }, 'auth_client.dev_keys is true'],
      ['that revocation may fail', { REVOCATION_FAIL_OPEN: 'true' }, 'auth_client.revocation_fail_open is true'],
      ['that the tolerance is long', { CLOCK_TOLERANCE_SECONDS: '61' }, 'auth_client.clock_tolerance_seconds is 61'],
      ['that staleness is long', { JWKS_MAX_STALE_SECONDS: '86401' }, 'auth_client.jwks_max_stale_seconds is 86401'],
      [
        'that the keys are on this machine',
        { JWKS_ENDPOINT: 'http://localhost:1/jwks' },
        "the issuer's keys are taken from this machine (http)",
      ],
      ['that a scope covers everything', { SCOPE_WILDCARDS: 'true' }, 'auth_client.scope_wildcards is true'],
    ] as const) {
      it(what, async () => {
        const all = Object.fromEntries(Object.entries(env).map(([name, value]) => [`AUTH_CLIENT_${name}`, value]))
        expect((await run(all)).out).to.contain(`  warning  ${says}`)
        expect((await run()).out).not.to.contain(says)
      })
    }

    it('that routes may be open to all signed-in callers unnoticed, in production', async () => {
      const says = 'auth_client.require_explicit is false'
      expect((await run({ NODE_ENV: 'production' })).out).to.contain(says)
      expect((await run()).out).not.to.contain(says)
      expect((await run({ NODE_ENV: 'production', AUTH_CLIENT_REQUIRE_EXPLICIT: 'true' })).out).not.to.contain(says)
    })
  })

  describe('says of the revocation endpoint', () => {
    let server: Server
    let url: string
    let answer: string
    beforeEach(async () => {
      server = createServer((request, response) => {
        const isKnown = request.headers.authorization === 'Bearer b-secret'
        response.writeHead(isKnown ? 200 : 401, { 'content-type': 'application/json' }).end(answer)
      })
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/revoked`
    })
    afterEach(() => {
      server.closeAllConnections()
      server.close()
    })
    const ofRevocation = async (bearer: string, content: string) => {
      answer = content
      const env = { AUTH_CLIENT_REVOCATION_ENDPOINT: url, AUTH_CLIENT_REVOCATION_BEARER: bearer }
      const { out, code } = await run(env)
      expect(out).not.to.contain('secret')
      return { code, said: out.split('Revocation\n')[1]?.split('\n')[0]?.replace(url, 'http://revocation') }
    }

    it('how many tokens it lists', async () => {
      const said = '  ok       2 revoked tokens listed'
      expect(await ofRevocation('b-secret', '["a","b"]')).to.deep.equal({ code: 0, said })
    })

    it('that it knows us not', async () => {
      const said = '  problem  http://revocation answered 401'
      expect(await ofRevocation('a-secret', '[]')).to.deep.equal({ code: 1, said })
    })

    it('that it lists something else', async () => {
      const said = '  problem  http://revocation did not send a list of revoked tokens'
      expect(await ofRevocation('b-secret', '{}')).to.deep.equal({ code: 1, said })
    })
  })
})
