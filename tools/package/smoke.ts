/**
 * Runs a program built on the packed package against a real issuer, and checks what it answers.
 * Usage: smoke <program> <origin>. Copied into the scratch project by `test-package.ts`.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { TestIssuer } from 'inversify-koa-auth/testing'

const [program = '', origin = ''] = process.argv.slice(2)
const issuer = await TestIssuer.start()
const app = spawn(process.execPath, [...process.execArgv, program], {
  stdio: 'inherit',
  env: { ...process.env, AUTH_CLIENT_ISSUER: issuer.url, AUTH_CLIENT_AUDIENCE: issuer.audience },
})

try {
  await answering(`${origin}/tasks/health`)

  assert.equal((await fetch(`${origin}/tasks/health`)).status, 200)

  const refused = await fetch(`${origin}/tasks/me`)
  assert.equal(refused.status, 401)
  assert.equal(refused.headers.get('www-authenticate')?.startsWith('Bearer'), true)
  assert.match(refused.headers.get('content-type') ?? '', /^application\/problem\+json/)

  const token = await issuer.makeToken({ sub: 'ann' })
  const accepted = await fetch(`${origin}/tasks/me`, { headers: { authorization: `Bearer ${token}` } })
  assert.equal(accepted.status, 200)
  assert.equal(((await accepted.json()) as { sub: string }).sub, 'ann')

  for (const path of ['dist/index.js', 'dist/testing/index.js', 'src/index.ts']) {
    await assert.rejects(import(`inversify-koa-auth/${path}`), { code: 'ERR_PACKAGE_PATH_NOT_EXPORTED' })
  }
} finally {
  if (app.exitCode === null && app.signalCode === null) {
    const exited = once(app, 'exit')
    app.kill()
    await exited
  }
  await issuer.stop()
}

/** Waits until the program answers, at most ten seconds. */
async function answering(url: string): Promise<void> {
  const deadline = Date.now() + 10_000
  while (Date.now() < deadline) {
    assert.equal(app.exitCode, null, 'the program ended before it answered')
    if (
      await fetch(url).then(
        () => true,
        () => false,
      )
    )
      return
    await sleep(50)
  }
  assert.fail(`nothing answers at ${url}`)
}
