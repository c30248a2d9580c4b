import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { afterEach, beforeEach, describe, it } from 'mocha'
import { runIn } from '../support/command.js'

const MODULES = fileURLToPath(new URL('modules/', import.meta.url))

const TABLE = `\
METHOD  PATH            WHO MAY CALL                                                                                                          HANDLER
GET     /orders         any valid token *                                                                                                     OrderController.list
GET     /orders/health  anyone                                                                                                                OrderController.health
GET     /orders/teaser  anyone; a token that is sent has to be valid                                                                          OrderController.teaser
POST    /orders         scope orders:write, and role clerk or "head of sales"                                                                 OrderController.create
DELETE  /orders/:id     (role admin or (scope orders:write and group ops and not policy OpenHours)), and an agent with scope orders:delete  OrderController.remove

* 1 route has no security decorator: the default holds. Where that is meant, say so with @Authenticated().`

const LOCK = `{
  "version": 1,
  "routes": {
    "GET /orders": "any valid token",
    "POST /orders": "scope orders:write, and role clerk or \\"head of sales\\"",
    "DELETE /orders/:id": "(role admin or (scope orders:write and group ops and not policy OpenHours)), and an agent with scope orders:delete",
    "GET /orders/health": "anyone",
    "GET /orders/teaser": "anyone; a token that is sent has to be valid"
  }
}
`

describe('the command routes', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'routes-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const run = (...args: readonly string[]) => runIn({ cwd: folder }, ...args)
  const module = () => relative(folder, join(MODULES, 'orders.ts'))
  const routes = (...args: readonly string[]) => run('routes', module(), ...args)
  const lock = () => readFileSync(join(folder, 'authz.lock.json'), 'utf8')

  it('prints a table', async () => {
    const { code, out, err } = await routes()
    expect(out.replace(/ +(?=OrderController|HANDLER)/g, '  ')).to.equal(
      TABLE.replace(/ +(?=OrderController|HANDLER)/g, '  '),
    )
    const columns = out
      .split('\n')
      .slice(0, 6)
      .map((line) => line.search(/OrderController|HANDLER/))
    expect(new Set(columns).size).to.equal(1)
    expect({ code, err }).to.deep.equal({ code: 0, err: '' })
  })

  it('prints JSON, policies by their names', async () => {
    const { code, out } = await routes('--json')
    const parsed = JSON.parse(out)
    expect(code).to.equal(0)
    expect(parsed).to.have.length(5)
    expect(parsed[4]).to.deep.equal({
      method: 'DELETE',
      path: '/orders/:id',
      controller: 'OrderController',
      handler: 'remove',
      requirement: {
        access: 'authenticated',
        allOf: [
          {
            kind: 'anyOf',
            of: [
              { kind: 'role', anyOf: ['admin'] },
              {
                kind: 'allOf',
                of: [
                  { kind: 'scope', anyOf: ['orders:write'] },
                  { kind: 'group', anyOf: ['ops'] },
                  { kind: 'not', of: { kind: 'policy', anyOf: ['OpenHours'] } },
                ],
              },
            ],
          },
        ],
        agentScopes: [['orders:delete']],
      },
      explicit: true,
      sentence:
        '(role admin or (scope orders:write and group ops and not policy OpenHours)), and an agent with scope orders:delete',
    })
  })

  it('prints Markdown', async () => {
    const { out } = await routes('--markdown')
    expect(out.split('\n').slice(0, 4)).to.deep.equal([
      '| method | path | who may call | handler |',
      '| --- | --- | --- | --- |',
      '| GET | `/orders` | any valid token (default) | `OrderController.list` |',
      '| GET | `/orders/health` | anyone | `OrderController.health` |',
    ])
  })

  it('writes a lock file, and finds it up to date', async () => {
    expect(await routes('--lock', 'authz.lock.json')).to.deep.equal({
      code: 0,
      out: 'authz.lock.json: 5 routes.',
      err: '',
    })
    expect(lock()).to.equal(LOCK)
    expect(await routes('--check')).to.deep.equal({
      code: 0,
      out: 'authz.lock.json is up to date: 5 routes.',
      err: '',
    })
  })

  it('shows what differs from the lock file, and leaves that alone', async () => {
    const changed = LOCK.replace('"anyone"', '"role admin"').replace('"GET /orders"', '"GET /old"')
    writeFileSync(join(folder, 'authz.lock.json'), changed)
    const { code, out } = await routes('--check', '--lock', 'authz.lock.json')
    expect(code).to.equal(1)
    expect(out.split('\n')).to.deep.equal([
      'authz.lock.json says otherwise:',
      '',
      '  + GET /orders         any valid token',
      '  ~ GET /orders/health  was: role admin',
      '                        now: anyone',
      '  - GET /old            any valid token',
      '',
      `If that is meant: inversify-koa-auth routes ${module()} --lock authz.lock.json`,
    ])
    expect(lock()).to.equal(changed)
  })

  it('names routes without a decorator where that is an error', async () => {
    const { code, err } = await routes('--explicit')
    expect(code).to.equal(1)
    expect(err).to.equal('Without a security decorator:\n  GET /orders (OrderController.list)')
    await routes('--lock', 'authz.lock.json')
    expect((await routes('--check', '--explicit')).code).to.equal(1)
  })

  it('says that rules are none where nothing is enforced, and does not let that pass', async () => {
    const { emitWarning } = process
    process.emitWarning = () => undefined
    try {
      await routes('--lock', 'authz.lock.json')
      const err = 'auth_client.enabled is false: every route is open and nothing of this is enforced.'
      expect(await routes('--export', 'unenforced')).to.include({ code: 0, err })
      expect(await routes('--export', 'unenforced', '--check')).to.include({ code: 1, err })
    } finally {
      process.emitWarning = emitWarning
    }
  })

  describe("names routes on the container's router that are no controller's", () => {
    const byHand = (...args: readonly string[]) => run('routes', relative(folder, join(MODULES, 'by-hand.ts')), ...args)

    it('in the table', async () => {
      expect((await byHand()).out.split('\n')).to.deep.equal([
        'METHOD  PATH                    WHO MAY CALL     HANDLER',
        'GET     /tasks                  role clerk       TaskController.list',
        'GET     /plain                  any valid token  -',
        'PUT     /plain/:id              any valid token  -',
        'GET     /both                   any valid token  -',
        'POST    /both                   any valid token  -',
        'ALL     /all                    any valid token  -',
        'GET     /^\\/pattern\\/(\\d+|x)$/  any valid token  -',
        'DELETE  /nested/deep            any valid token  -',
        'GET     /past                   anyone           -',
        '',
        '- 8 routes were added to the router by hand; what such code asks for besides is not known here.',
      ])
    })

    it('in JSON', async () => {
      expect(JSON.parse((await byHand('--json')).out).slice(1, 2)).to.deep.equal([
        {
          method: 'GET',
          path: '/plain',
          controller: '-',
          handler: '-',
          requirement: { access: 'authenticated', allOf: [] },
          explicit: false,
          sentence: 'any valid token',
        },
      ])
    })

    it('in Markdown', async () => {
      const { out } = await byHand('--markdown')
      expect(out.split('\n').slice(2)).to.include.members([
        '| GET | `/tasks` | role clerk | `TaskController.list` |',
        '| GET | `/plain` | any valid token | - |',
        '| GET | `/^\\/pattern\\/(\\d+\\|x)$/` | any valid token | - |',
      ])
    })

    it('in the lock file, so that a new one shows', async () => {
      expect((await byHand('--lock', 'authz.lock.json')).out).to.equal('authz.lock.json: 9 routes.')
      expect(JSON.parse(lock()).routes).to.deep.equal({
        'ALL /all': 'any valid token (by hand)',
        'DELETE /nested/deep': 'any valid token (by hand)',
        'GET /^\\/pattern\\/(\\d+|x)$/': 'any valid token (by hand)',
        'GET /both': 'any valid token (by hand)',
        'GET /past': 'anyone (by hand)',
        'GET /plain': 'any valid token (by hand)',
        'GET /tasks': 'role clerk',
        'POST /both': 'any valid token (by hand)',
        'PUT /plain/:id': 'any valid token (by hand)',
      })
      expect((await byHand('--check')).code).to.equal(0)
      writeFileSync(join(folder, 'authz.lock.json'), lock().replace(/\n.*"GET \/plain".*/, ''))
      const { code, out } = await byHand('--check')
      expect(code).to.equal(1)
      expect(out).to.match(/^ {2}\+ GET \/plain +any valid token \(by hand\)$/m)
    })

    it('in the lock file beside the controller that they may keep from being asked', async () => {
      await byHand('--export', 'before', '--lock', 'authz.lock.json')
      expect(JSON.parse(lock()).routes).to.deep.equal({ 'GET /tasks': 'role clerk; any valid token (by hand)' })
    })

    it('but asks for no decorator there', async () => {
      expect(await byHand('--explicit')).to.include({ code: 0, err: '' })
    })

    it('without making a router that nobody has asked for', async () => {
      const { code, out } = await byHand('--export', 'untouched')
      expect({ code, lines: out.split('\n').length }).to.deep.equal({ code: 0, lines: 2 })
    })

    it('and does not keep silent where it can not tell', async () => {
      const { code, err } = await byHand('--export', 'unguarded')
      expect(code).to.equal(2)
      expect(err).to.contain("by-hand.ts: its Router can't be resolved: ").and.not.contain('    at ')
    })
  })

  for (const { what, args, message } of [
    { what: 'a file that is not there', args: ['nope.ts'], message: 'nope.ts: there is no such file' },
    { what: 'an export that is not there', args: ['--export', 'other'], message: 'it exports none of: other' },
    { what: 'an export that is no container', args: ['--export', 'text'], message: 'text is no container' },
    { what: 'a container without routes', args: ['--export', 'empty'], message: 'its container has no routes' },
    { what: 'a container with wrong settings', args: ['--export', 'misconfigured'], message: 'auth_client.issuer' },
    { what: 'a lock file that is not there', args: ['--check'], message: "authz.lock.json: it can't be read" },
    { what: 'two formats', args: ['--json', '--markdown'], message: 'cannot be used with' },
    ...['--json', '--markdown'].flatMap((format) => [
      { what: `${format} of a comparison`, args: [format, '--check'], message: "cannot be used with option '--check'" },
      { what: `${format} in a lock file`, args: [format, '--lock', 'l'], message: "with option '--lock <file>'" },
    ]),
    { what: 'an unknown option', args: ['--lokc', 'x'], message: "unknown option '--lokc'" },
    { what: 'a folder to write to', args: ['--lock', '.'], message: ".: it can't be written (EISDIR)" },
  ]) {
    it(`ends with 2 for ${what}`, async () => {
      const { code, out, err } = await (args[0] === 'nope.ts' ? run('routes', ...args) : routes(...args))
      expect({ code, out }).to.deep.equal({ code: 2, out: '' })
      expect(err).to.contain(message)
      expect(err).not.to.contain('    at ')
    })
  }

  for (const content of ['', '[]', '{}', '{"version":2,"routes":{}}', '{"version":1,"routes":{"GET /":5}}']) {
    it(`does not take ${content || 'an empty file'} for a lock file`, async () => {
      writeFileSync(join(folder, 'authz.lock.json'), content)
      const { code, err } = await routes('--check')
      expect({ code, err }).to.deep.equal({ code: 2, err: 'authz.lock.json: it is no lock file of this version' })
    })
  }

  it('explains itself', async () => {
    const { code, out } = await run('--help')
    expect(code).to.equal(0)
    expect(out).to.contain('Usage: inversify-koa-auth').and.contain('Exit codes: 0')
    expect((await run('routes', '--help')).out).to.contain('--explicit')
    expect((await run()).code).to.equal(2)
    expect((await run('rotes')).code).to.equal(2)
  })

  for (const [command, codes] of [
    ['routes', ['0', '1', '2']],
    ['explain', ['0', '1', '2', '3']],
    ['doctor', ['0', '1', '2']],
    ['token', ['0', '1', '2']],
  ] as const) {
    it(`says what the exit codes of ${command} mean`, async () => {
      const [, help = ''] = (await run(command, '--help')).out.split('Exit codes:\n')
      expect(help.split('\n').map((line) => line.trim().slice(0, 1))).to.deep.equal(codes)
    })
  }

  it('tells its version', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
    expect(await run('--version')).to.deep.equal({ code: 0, out: version, err: '' })
  })
})
