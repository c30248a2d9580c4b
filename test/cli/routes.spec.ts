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

  for (const { what, args, message } of [
    { what: 'a file that is not there', args: ['nope.ts'], message: 'nope.ts: there is no such file' },
    { what: 'an export that is not there', args: ['--export', 'other'], message: 'it exports none of: other' },
    { what: 'an export that is no container', args: ['--export', 'text'], message: 'text is no container' },
    { what: 'a container without routes', args: ['--export', 'empty'], message: 'its container has no routes' },
    { what: 'a container with wrong settings', args: ['--export', 'misconfigured'], message: 'auth_client.issuer' },
    { what: 'a lock file that is not there', args: ['--check'], message: "authz.lock.json: it can't be read" },
    { what: 'two formats', args: ['--json', '--markdown'], message: 'cannot be used with' },
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
})
