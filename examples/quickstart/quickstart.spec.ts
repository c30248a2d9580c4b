import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import Koa from 'koa'
import { createContainer, DOCS_CLIENT_ID } from './app.js'
import { readCommandLine, UsageError } from './command-line.js'
import { type Demo, startDemo } from './demo.js'
import { formatTable } from './format-table.js'
import { close, listen } from './listen.js'
import { runOnce } from './run-once.js'
import { scenario } from './scenario.js'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url))

describe('the quickstart', function () {
  this.timeout(60_000)

  describe('with --once', () => {
    let run: Awaited<ReturnType<typeof runDemo>>

    before(async () => {
      run = await runDemo(['--once'])
    })

    it('exits 0 and complains about nothing', () => {
      expect(run.stderr).to.equal('')
      expect(run.code, run.stdout).to.equal(0)
    })

    it('prints whose tokens are accepted, and how many keys there are', () => {
      const [issuer = '', ...others] = run.stdout.split('\n').slice(0, 4)
      expect(issuer).to.match(/^Issuer {4}http:\/\/127\.0\.0\.1:\d+$/)
      expect(others).to.deep.equal(['Audience  https://tasks.example.com', 'Keys      1', ''])
    })

    it('prints who may call each route', () => {
      for (const [method, path, who] of [
        ['GET', '/tasks/health', 'anyone'],
        ['GET', '/tasks/me', 'any valid token'],
        ['POST', '/tasks', 'role admin or editor'],
        ['DELETE', '/tasks/:id', 'role admin or manager'],
        ['GET', '/statistics', 'role admin'],
      ]) {
        expect(rowsOf(run.stdout).map((row) => row.slice(0, 3))).to.deep.include([method, path, who])
      }
    })

    for (const { caller, method, path, expected } of scenario) {
      it(`shows that ${caller} gets ${expected} for ${method} ${path}`, () => {
        const cells = rowsOf(run.stdout).map((row) => row.slice(0, 5))
        expect(cells).to.deep.include([caller, `${method} ${path}`, String(expected), String(expected), 'yes'])
      })
    }

    it('shows that a token signed with a rotated key is accepted, and the old one still', () => {
      expect(run.stdout).to.include("kid 'quickstart-2' instead of 'quickstart-1'")
      for (const kid of ['quickstart-2', 'quickstart-1']) {
        const cells = rowsOf(run.stdout).map((row) => row.slice(0, 5))
        expect(cells).to.deep.include([`admin, ${kid}`, 'GET /tasks/me', '200', '200', 'yes'])
      }
    })
  })

  it('reports wrong answers', async () => {
    const demo = await startDemo(0)
    const elsewhere = createContainer({
      issuer: demo.provider.issuer,
      audience: 'https://another-api.example.com',
      env: {},
      configFiles: [],
    })
    const server = createServer(elsewhere.get(Koa).callback())
    let printed = ''
    try {
      const origin = await listen(server, 0)
      const right = await runOnce({ ...demo, origin }, (text) => {
        printed += text
      })
      expect(right).to.equal(false)
      expect(printed).to.match(/admin +GET \/tasks\/me +200 +401 +NO/)
      expect(printed).to.match(/\d+ of \d+ answers are wrong/)
    } finally {
      await Promise.all([close(server), demo.stop()])
    }
  })

  it('signs people in on the page of the documentation, as whoever they say they are', async () => {
    const demo = await startDemo(0)
    try {
      const statusOf = async (account: string) => {
        const token = await signIn(demo, account)
        const response = await fetch(`${demo.origin}/statistics`, { headers: { authorization: `Bearer ${token}` } })
        return response.status
      }
      expect(await statusOf('admin')).to.equal(200)
      expect(await statusOf('viewer')).to.equal(403)
      const elsewhere = new URL(`${demo.provider.issuer}/auth?response_type=code&client_id=quickstart-docs`)
      elsewhere.searchParams.set('redirect_uri', 'https://evil.example.com/docs/oauth2-redirect.html')
      expect((await fetch(elsewhere, { redirect: 'manual' })).status).to.equal(400)
      expect((await fetch(`${demo.provider.issuer}/sign-in/unknown`)).status).to.equal(400)
    } finally {
      await demo.stop()
    }
  })

  it('prints commands that a shell runs as they are, and stops at Ctrl-C', async function () {
    if (spawnSync('curl', ['--version']).error) this.skip()
    const demo = startDemoProcess([], { PORT: '0' })
    try {
      await demo.printed('Ctrl-C stops both.')
      const pasted = demo
        .output()
        .split('\n')
        .filter((line) => /^(ADMIN=|VIEWER=|curl -i )/.test(line))
      const answers = execFileSync('sh', ['-c', pasted.join('\n')], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
        env: { ...process.env, no_proxy: '127.0.0.1' },
      })
      const statuses = [...answers.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => Number(status))
      const expected = scenario.filter(({ caller }) => caller !== 'forger').map((call) => call.expected)
      expect(statuses).to.deep.equal(expected)
    } finally {
      demo.process.kill('SIGINT')
    }
    const { code, stdout } = await demo.ended
    expect(stdout).to.match(/Stopping\.\n$/)
    expect(code).to.equal(0)
  })

  it('says so when the port is taken', async () => {
    const server = createServer()
    await listen(server, 0)
    const { port } = server.address() as AddressInfo
    try {
      const { code, stderr } = await runDemo([], { PORT: String(port) })
      expect(stderr).to.include(`Port ${port} is taken`)
      expect(code).to.equal(1)
    } finally {
      await close(server)
    }
  })

  it('exits 2 for an option it does not know, and names it', async () => {
    const { code, stdout, stderr } = await runDemo(['--unknown'])
    expect(stderr).to.include("'--unknown'").and.to.include('Usage:')
    expect(stdout).to.equal('')
    expect(code).to.equal(2)
  })

  it('explains itself with --help', async () => {
    const { code, stdout } = await runDemo(['--help'])
    expect(stdout).to.include('--once')
    expect(code).to.equal(0)
  })

  for (const PORT of ['abc', '65536', '-1', '1e3']) {
    it(`refuses PORT=${PORT}`, () => {
      expect(() => readCommandLine([], { PORT })).to.throw(UsageError, PORT)
    })
  }

  it('aligns a table', () => {
    expect(
      formatTable(
        ['A', 'B'],
        [
          ['long', 'x'],
          ['s', 'y'],
        ],
      ),
    ).to.equal('  A     B\n  long  x\n  s     y')
  })
})

/** Goes the way of a browser: authorization code with PKCE (RFC 7636). */
async function signIn({ provider, origin }: Demo, account: string): Promise<string> {
  const verifier = randomBytes(32).toString('base64url')
  const page = { client_id: DOCS_CLIENT_ID, redirect_uri: `${origin}/docs/oauth2-redirect.html` }
  const cookies = new Map<string, string>()
  const follow = async (url: string, init: RequestInit = {}) => {
    const cookie = [...cookies].map((pair) => pair.join('=')).join('; ')
    const target = new URL(url, provider.issuer)
    const response = await fetch(target, { ...init, redirect: 'manual', headers: { ...init.headers, cookie } })
    for (const set of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? []
      cookies.set(name, value)
    }
    return response.headers.get('location') ?? ''
  }
  const challenge = createHash('sha256').update(verifier).digest('base64url')
  const request = { ...page, response_type: 'code', scope: 'openid', code_challenge: challenge }
  const attempt = await follow(`/auth?${new URLSearchParams({ ...request, code_challenge_method: 'S256' })}`)
  const signedIn = await follow(attempt, { method: 'POST', body: new URLSearchParams({ account }) })
  const back = new URL(await follow(signedIn))
  const response = await fetch(provider.tokenEndpoint, {
    method: 'POST',
    body: new URLSearchParams({
      ...page,
      grant_type: 'authorization_code',
      code: back.searchParams.get('code') ?? '',
      code_verifier: verifier,
    }),
  })
  return ((await response.json()) as { access_token: string }).access_token
}

/** Cells are at least two spaces apart; within a cell there is never more than one. */
function rowsOf(output: string): string[][] {
  return output.split('\n').map((line) => line.trim().split(/ {2,}/))
}

function runDemo(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  return startDemoProcess(args, env).ended
}

function startDemoProcess(args: readonly string[], env: NodeJS.ProcessEnv) {
  const child = spawn(process.execPath, ['--import', 'tsx', MAIN, ...args], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr.setEncoding('utf8').on('data', (chunk) => {
    stderr += chunk
  })
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, stdout, stderr }))

  /** Waits until `text` has been printed; fails when the process ends without it. */
  async function printed(text: string): Promise<void> {
    while (!stdout.includes(text)) {
      const end = await Promise.race([ended, once(child.stdout, 'data').then(() => undefined)])
      if (end && !stdout.includes(text)) throw new Error(`The demo ended early: ${end.stderr}`)
    }
  }

  return { process: child, ended, printed, output: () => stdout }
}
