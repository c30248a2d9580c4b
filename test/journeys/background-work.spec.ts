import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import type { Worker } from 'node:worker_threads'
import { expect } from 'chai'
import {
  AllowAnonymous,
  Body,
  Controller,
  captureIdentity,
  IdentityEnvelopeError,
  InsufficientPermissionsError,
  openIdentity,
  Post,
  RequiresRole,
  runWithIdentity,
  SecurityContext,
  sealIdentity,
} from 'inversify-koa-auth'
import { after, before, beforeEach, describe, it } from 'mocha'
import { envelope } from '../support/envelope.js'
import { expectProblem, NO_TOKEN } from '../support/expect-problem.js'
import { kit, type RunningApp, startApp } from '../support/start-app.js'
import { typescriptWorker } from '../support/typescript-worker.js'

const SECRET = randomBytes(32).toString('base64url')
const ATTACKERS_SECRET = randomBytes(32)

/** A queue that others can write to: it holds texts, and nobody knows by whom. */
const queue: string[] = []

@Controller('/jobs')
class JobController {
  @Post('/thread')
  @RequiresRole('user')
  thread() {
    return inWorker(JSON.stringify({ identity: captureIdentity() }))
  }

  @Post('/queue')
  async enqueue() {
    const identity = captureIdentity({ expiresInSeconds: 60 })
    queue.push(await sealIdentity(identity, SECRET))
    return { good: identity.expiresAt - identity.issuedAt }
  }

  @Post('/guest')
  @AllowAnonymous()
  guest() {
    return captureIdentity()
  }

  @Post('/pushed')
  @AllowAnonymous()
  pushed(@Body() identity: unknown) {
    return runWithIdentity(identity, () => ({ as: SecurityContext.require().sub }), { maxAgeSeconds: 60 })
  }
}

let worker: Worker

async function inWorker(message: string): Promise<unknown> {
  const answered = once(worker, 'message')
  worker.postMessage(message)
  const [answer] = await answered
  return answer
}

/** Works off the queue as a process of its own would, outside of any request. */
async function workOff(job: () => unknown): Promise<readonly unknown[]> {
  const results: unknown[] = []
  for (const sealed of queue.splice(0)) {
    const run = async () => runWithIdentity(await openIdentity(sealed, SECRET), job, { maxAgeSeconds: 60 })
    results.push(await run().catch((error: unknown) => error))
  }
  return results
}

describe('work that outlives the request', () => {
  let app: RunningApp
  let ann: string

  before(async () => {
    app = await startApp({ controllers: [JobController], settings: { roleHierarchy: { manager: ['user'] } } })
    ann = await kit.makeToken({ sub: 'ann', roles: ['manager'], groups: ['staff'], email: 'ann@example.test' })
    worker = typescriptWorker(new URL('../support/identity-worker.ts', import.meta.url))
    await once(worker, 'message')
  })
  after(async () => {
    await worker.terminate()
    await app.stop()
  })
  beforeEach(() => queue.splice(0))

  describe('in a worker thread', () => {
    it('is done as the caller, with the roles the hierarchy gave, and leaves nobody behind', async () => {
      const response = await app.post('/jobs/thread', { token: ann })
      expect(await response.json()).to.deep.equal({
        sub: 'ann',
        groups: ['staff'],
        roles: ['manager', 'user'],
        isUser: true,
        afterwards: false,
      })
    })

    it('is not done for somebody who is nobody', async () => {
      for (const identity of [undefined, { ...envelope(), roles: 'admin' }, { ...envelope(), isAdmin: true }]) {
        expect(await inWorker(JSON.stringify({ identity }))).to.deep.equal({ refused: 'identity_malformed' })
      }
    })

    it('believes whoever can write to it, because nothing is sealed', async () => {
      const forged = JSON.stringify({ identity: envelope({ sub: 'mallory', roles: ['admin'] }) })
      expect(await inWorker(forged)).to.deep.include({ sub: 'mallory', roles: ['admin'] })
    })
  })

  describe('in a queue that others can write to', () => {
    it('is done as the callers that sent it, when their requests are over', async () => {
      const bob = await kit.makeToken({ sub: 'bob', roles: ['user'] })
      for (const token of [ann, bob]) {
        const response = await app.post('/jobs/queue', { token })
        expect(await response.json()).to.deep.equal({ good: 60 })
      }
      const [first, second] = await workOff(async () => {
        await wait(1)
        SecurityContext.requireRole('manager')
        return SecurityContext.require().sub
      })
      expect(first).to.equal('ann')
      expect(second).to.be.instanceOf(InsufficientPermissionsError)
      expect(SecurityContext.isAuthenticated()).to.equal(false)
    })

    it('shows the queue nothing of the caller', async () => {
      await app.post('/jobs/queue', { token: ann })
      const bytes = queue.map((sealed) => sealed.split('.').map((part) => Buffer.from(part, 'base64url').toString()))
      expect(bytes).to.have.length(1)
      expect(JSON.stringify([queue, bytes])).not.to.match(/manager|staff|example\.test/)
    })

    it('is not done for a forger, however the forgery is made', async () => {
      await app.post('/jobs/queue', { token: ann })
      const [sealed = ''] = queue.splice(0)
      const admin = envelope({ sub: 'mallory', roles: ['admin'] })
      const parts = sealed.split('.')
      queue.push(
        JSON.stringify(admin),
        Buffer.from(JSON.stringify(admin)).toString('base64url'),
        await sealIdentity(admin, ATTACKERS_SECRET),
        [...parts.slice(0, 3), Buffer.from(JSON.stringify(admin)).toString('base64url'), parts[4]].join('.'),
        sealed.slice(0, -4),
        ann,
      )
      let done = 0
      const results = await workOff(() => done++)
      expect(done).to.equal(0)
      expect(results).to.have.length(6)
      for (const error of results) {
        expect(error).to.be.instanceOf(IdentityEnvelopeError).with.property('code', 'identity_unsealed')
      }
    })

    it('is not done once the caller has expired, or too late', async () => {
      const long = Math.floor(Date.now() / 1000) - 61
      queue.push(
        await sealIdentity(envelope({ issuedAt: long, expiresAt: long + 60 }), SECRET),
        await sealIdentity(envelope({ issuedAt: long }), SECRET),
      )
      const results = await workOff(() => 'done')
      expect(results).to.have.nested.property('[0].code', 'identity_expired')
      expect(results).to.have.nested.property('[1].code', 'identity_too_old')
    })
  })

  it('is nothing that a guest can send: 401', async () => {
    await expectProblem(await app.post('/jobs/guest'), NO_TOKEN)
  })

  it("is the application's failure where a handler lets the error through: 500, and not a word about it", async () => {
    const headers = { 'Content-Type': 'application/json' }
    const good = await app.post('/jobs/pushed', { headers, body: JSON.stringify(envelope()) })
    expect(await good.json()).to.deep.equal({ as: 'ann' })

    const response = await app.post('/jobs/pushed', { headers, body: JSON.stringify({ ...envelope(), sub: 7 }) })
    expect(response.status).to.equal(500)
    expect(await response.text()).to.equal('Internal Server Error')
    expect(app.errors).to.have.length(1).and.to.have.nested.property('[0].code', 'identity_malformed')
  })
})
