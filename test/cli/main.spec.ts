import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect } from 'chai'
import { TestIssuer } from 'inversify-koa-auth/testing'
import { after, before, describe, it } from 'mocha'
import { compileCommand } from '../support/compiled-command.js'

const MAIN = resolve('src/cli/main.ts')
const CHATTY = resolve('test/cli/modules/chatty.ts')
const ESCAPE = '\u001b['

/** Makes standard output a terminal as far as the command can tell. */
const ON_A_TERMINAL = ['--import', 'data:text/javascript,process.stdout.isTTY=true']

describe('the command as it is installed', function () {
  this.timeout(60_000)

  let folder: string
  let issuer: TestIssuer
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'command-'))
    issuer = await TestIssuer.start()
  })
  after(async () => {
    rmSync(folder, { recursive: true })
    await issuer.stop()
  })

  interface Invocation {
    readonly node?: readonly string[]
    readonly main?: string
    readonly env?: NodeJS.ProcessEnv
    readonly input?: string
  }
  const run = async ({ node = [], main = MAIN, env = {}, input = '' }: Invocation, ...args: readonly string[]) => {
    const { NODE_OPTIONS: _, NO_COLOR: __, FORCE_COLOR: ___, ...inherited } = process.env
    const settings = {
      AUTH_CLIENT_ISSUER: issuer.url,
      AUTH_CLIENT_AUDIENCE: issuer.audience,
      TSX_TSCONFIG_PATH: resolve('tsconfig.json'),
    }
    const child = spawn(process.execPath, [...node, main, ...args], {
      cwd: folder,
      env: { ...inherited, ...settings, ...env },
    })
    child.stdin.end(input)
    const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
    return { code: code as number, out, err }
  }
  const tsx = ['--import', import.meta.resolve('tsx')]

  it('keeps what a module prints out of what was asked for, and ends although the module does not', async () => {
    const { code, out, err } = await run({ node: tsx }, 'routes', CHATTY, '--json')
    expect(JSON.parse(out)[0]).to.include({ path: '/orders', sentence: 'role clerk' })
    for (const line of ['loading', 'connecting', 'connected', 'still here']) expect(err).to.contain(`${line}\n`)
    expect(code).to.equal(0)
  })

  it('prints a token that can be put into a variable', async () => {
    const { out, err } = await run({ node: tsx }, 'token', '--module', CHATTY, '--role', 'clerk')
    expect(out).to.match(/^[\w-]+\.[\w-]+\.[\w-]+\n$/)
    expect(err).to.contain('connected\n')
  })

  it('asks nobody for the routes, unlike the doctor', async () => {
    const { requests } = issuer
    expect((await run({ node: tsx }, 'routes', CHATTY)).code).to.equal(0)
    expect(issuer.requests).to.deep.equal(requests)
    await run({ node: tsx }, 'doctor', '--module', CHATTY)
    expect(issuer.requests.total).to.be.greaterThan(requests.total)
  })

  it('reads a token from standard input', async () => {
    const token = await issuer.makeToken({ sub: 'ann' })
    const good = await run({ node: tsx, input: `${token}\n` }, 'explain', '-')
    expect({ code: good.code, err: good.err }).to.deep.equal({ code: 0, err: '' })
    expect(good.out).to.contain('  sub          ann\n').and.not.contain(ESCAPE)
    expect((await run({ node: tsx, input: 'nothing' }, 'explain', '-')).code).to.equal(1)
  })

  for (const { what, env, hasColours } of [
    { what: 'is in colour on a terminal', env: {}, hasColours: true },
    { what: 'is so with an empty NO_COLOR as well', env: { NO_COLOR: '' }, hasColours: true },
    { what: 'is not with NO_COLOR', env: { NO_COLOR: '1' }, hasColours: false },
  ]) {
    it(what, async () => {
      const { out } = await run({ node: [...tsx, ...ON_A_TERMINAL], env }, 'explain', 'a.b.c')
      expect(out.includes(ESCAPE)).to.equal(hasColours)
      expect(out).to.contain('refused')
    })
  }

  it('complains on standard error', async () => {
    const { code, out, err } = await run({ node: tsx }, 'rotes')
    expect({ code, out }).to.deep.equal({ code: 2, out: '' })
    expect(err).to.contain("unknown command 'rotes'")
  })

  it('says what TypeScript needs where nothing but Node.js is there', async () => {
    const program = join(folder, 'program')
    mkdirSync(program)
    const main = compileCommand(program)
    for (const [file, code] of [
      ['decorated.ts', 'const mark = (_: unknown): void => {}\n@mark\nclass Orders {}\nexport default Orders'],
      ['property.ts', 'export class Orders {\n  constructor(private readonly id: number) {}\n}'],
      ['importing.ts', "import { id } from './property.js'\nexport default id"],
    ] as const) {
      writeFileSync(join(folder, file), code)
      const result = await run({ main }, 'routes', file)
      expect(result).to.include({ code: 2, out: '' })
      const [first = '', ...others] = result.err.trim().split('\n')
      expect(first).to.match(new RegExp(`^${file}: it can't be loaded: .`))
      expect(others.at(-1)).to.equal(
        "Node.js can't load TypeScript with decorators by itself: install tsx beside the module, or name the compiled file.",
      )
      expect(result.err).not.to.contain('node:internal')
    }
    writeFileSync(join(folder, 'plain.mjs'), 'throw new SyntaxError("mine")')
    expect((await run({ main }, 'routes', 'plain.mjs')).err).not.to.contain('tsx')
  })
})
