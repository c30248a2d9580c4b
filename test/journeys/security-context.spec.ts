import { EventEmitter, once } from 'node:events'
import { Readable, Transform } from 'node:stream'
import { setImmediate as immediate, setTimeout as wait } from 'node:timers/promises'
import { expect } from 'chai'
import { inject, injectable } from 'inversify'
import {
  AllowAnonymous,
  Context,
  Controller,
  Get,
  Param,
  Post,
  Query,
  RequiresRole,
  SecurityContext,
} from 'inversify-koa-auth'
import type Koa from 'koa'
import { after, before, describe, it } from 'mocha'
import { expectProblem, NO_TOKEN } from '../support/expect-problem.js'
import { openSocket } from '../support/raw-exchange.js'
import { kit, type RunningApp, startApp } from '../support/start-app.js'

/** Who is calling, as it looks from this line. */
const here = (): string => SecurityContext.get()?.sub ?? 'nobody'

const shared = new EventEmitter()

/** Every way of getting from a handler to a line deep down. */
const WAYS: Readonly<Record<string, (work: () => unknown) => Promise<unknown>>> = {
  'at once': async (work) => work(),
  'after an await': async (work) => {
    await null
    return work()
  },
  'after a timer': async (work) => {
    await wait(2)
    return work()
  },
  'in a timer callback': (work) =>
    new Promise((resolve, reject) => {
      setTimeout(() => attempt(work, resolve, reject), 1)
    }),
  'after setImmediate': async (work) => {
    await immediate()
    return work()
  },
  'in nextTick': (work) => new Promise((resolve, reject) => process.nextTick(() => attempt(work, resolve, reject))),
  'in a microtask': (work) => new Promise((resolve, reject) => queueMicrotask(() => attempt(work, resolve, reject))),
  'in one branch of Promise.all': async (work) => {
    const [, result] = await Promise.all([wait(3), wait(1).then(work), immediate()])
    return result
  },
  'in the winner of Promise.race': (work) => Promise.race([wait(1).then(work), wait(50)]),
  'in a stream that is consumed': async (work) => {
    const slow = new Transform({
      transform(chunk, _encoding, done) {
        setTimeout(() => done(null, chunk), 1)
      },
    })
    let result: unknown
    for await (const _chunk of Readable.from(['a', 'b']).pipe(slow)) result = work()
    return result
  },
  'in a generator': async (work) => {
    async function* steps() {
      await wait(1)
      yield work()
    }
    let result: unknown
    for await (const step of steps()) result = step
    return result
  },
  "in an event's bound handler": (work) =>
    new Promise((resolve, reject) => {
      shared.once(
        'tick',
        SecurityContext.bind(() => attempt(work, resolve, reject)),
      )
      elsewhere(() => shared.emit('tick'))
    }),
  'in work that is run as the caller': async (work) => SecurityContext.run(SecurityContext.principal(), work),
}

function attempt(work: () => unknown, resolve: (value: unknown) => void, reject: (error: unknown) => void): void {
  try {
    resolve(work())
  } catch (error) {
    reject(error)
  }
}

/** Runs something where no request is, as a connection pool or a message bus would. */
const outside: (() => void)[] = []
const elsewhere = (work: () => void): void => void outside.push(work)

@injectable()
class DeepService {
  sub() {
    return here()
  }

  guarded() {
    SecurityContext.requireRole('admin')
    return here()
  }
}

/** What requests left behind them, to be looked at when they are over. */
const afterwards = new Map<string, Promise<string>>()

@Controller()
class ContextController {
  constructor(@inject(DeepService) private readonly service: DeepService) {}

  @Get('/deep/:way') deep(@Param('way') way: string) {
    return WAYS[way]?.(() => this.service.sub())
  }

  @Get('/guarded/:way') guarded(@Param('way') way: string) {
    return WAYS[way]?.(() => this.service.guarded())
  }

  @Get('/random') async random(@Query('expected') expected: string) {
    const seen = new Set<string>([here()])
    await Promise.all(
      Array.from({ length: 5 }, async () => {
        for (let i = 0; i < 4; i++) {
          await (Math.random() < 0.5 ? wait(Math.random() * 8) : immediate())
          seen.add(here())
          seen.add(SecurityContext.getRoles().join())
        }
      }),
    )
    await new Promise<void>((resolve) => {
      setTimeout(() => {
        seen.add(SecurityContext.require().sub)
        resolve()
      }, Math.random() * 5)
    })
    seen.add(expected)
    return [...seen]
  }

  @Get('/maybe')
  @AllowAnonymous()
  async maybe() {
    const seen = new Set<string>()
    for (let i = 0; i < 5; i++) {
      await wait(Math.random() * 5)
      seen.add(here())
    }
    return [...seen]
  }

  @Get('/streamed') streamed() {
    return Readable.from(
      (async function* () {
        yield `${here()} `
        await wait(2)
        yield here()
      })(),
    )
  }

  @Get('/streamed-guard') streamedGuard() {
    const { service } = this
    return Readable.from(
      (async function* () {
        yield service.guarded()
      })(),
    )
  }

  @Get('/leaves/:what') leaves(@Context() ctx: Koa.Context, @Param('what') what: string) {
    leaveBehind(ctx, what)
    if (what === 'error') throw new Error('hunter2')
    if (what === 'refusal') SecurityContext.requireRole('nobody has this')
    return { inside: here() }
  }

  @Get('/hangs') async hangs(@Context() ctx: Koa.Context) {
    leaveBehind(ctx, 'hangs')
    handlerIsRunning()
    await once(ctx.res, 'close')
    return { late: true }
  }

  @Post('/job') job(@Context() ctx: Koa.Context) {
    const done = SecurityContext.bind(() => `${here()} ${SecurityContext.hasRole('admin')}`)
    afterwards.set('job', once(ctx.res, 'close').then(done))
    return { accepted: true }
  }

  @Get('/frozen')
  @RequiresRole('admin')
  frozen() {
    const returned = [
      SecurityContext.require(),
      SecurityContext.require().groups,
      SecurityContext.rawClaims(),
      SecurityContext.rawClaims()['nested'],
      SecurityContext.getRoles(),
      SecurityContext.principal(),
    ]
    return returned.map((value) => Object.isFrozen(value))
  }
}

let handlerIsRunning: () => void = () => undefined

function leaveBehind(ctx: Koa.Context, what: string): void {
  const closed = once(ctx.res, 'close')
  afterwards.set(
    what,
    closed.then(async () => {
      const at = here()
      await wait(2)
      return `${at}, later ${here()}, ${SecurityContext.isAuthenticated()}, [${SecurityContext.getRoles()}]`
    }),
  )
}

const GONE = 'nobody, later nobody, false, []'

describe('the security context', () => {
  let app: RunningApp
  let ann: string
  let admin: string
  const pump = setInterval(() => {
    for (const work of outside.splice(0)) work()
  }, 1)

  before(async () => {
    app = await startApp({
      controllers: [ContextController],
      bind: (container) => container.bind(DeepService).toSelf().inSingletonScope(),
    })
    ann = await kit.makeToken({ sub: 'ann', roles: ['viewer'] })
    admin = await kit.makeToken({ sub: 'bob', roles: ['admin'], groups: ['staff'], nested: { list: [1] } })
  })
  after(async () => {
    clearInterval(pump)
    await app.stop()
  })

  for (const way of Object.keys(WAYS)) {
    it(`knows the caller ${way}`, async () => {
      const response = await app.get(`/deep/${way}`, { token: ann })
      expect(await response.text()).to.equal('ann')
    })

    it(`makes requireRole a 403 ${way}`, async () => {
      await expectProblem(await app.get(`/guarded/${way}`, { token: ann }), {
        status: 403,
        detail: 'Requires one of roles: admin',
        challenge: 'Bearer error="insufficient_scope"',
      })
      const response = await app.get(`/guarded/${way}`, { token: admin })
      expect(await response.text()).to.equal('bob')
    })
  }

  it('knows the caller while the body streams', async () => {
    const response = await app.get('/streamed', { token: ann })
    expect(await response.text()).to.equal('ann ann')
  })

  it('refuses in a body that streams: it is cut off', async () => {
    const text = (path: string, token: string): Promise<string> =>
      app.get(path, { token }).then(
        (response) => response.text(),
        () => 'cut off',
      )
    expect(await text('/streamed-guard', ann)).to.equal('cut off')
    expect(await text('/streamed-guard', admin)).to.equal('bob')
  })

  it('keeps 200 parallel requests of 50 callers apart', async () => {
    const callers = await Promise.all(
      Array.from({ length: 50 }, async (_, i) => ({
        sub: `caller-${i}`,
        role: `role-${i}`,
        token: await kit.makeToken({ sub: `caller-${i}`, roles: [`role-${i}`] }),
      })),
    )
    const answers = await Promise.all(
      Array.from({ length: 200 }, async (_, i) => {
        const caller = callers[i % 50] as (typeof callers)[number]
        const response = await app.get(`/random?expected=${caller.sub}`, { token: caller.token })
        return { caller, seen: await response.json() }
      }),
    )
    for (const { caller, seen } of answers) expect(seen).to.have.members([caller.sub, caller.role])
  })

  it('keeps anonymous requests apart from the others among them', async () => {
    const answers = await Promise.all(
      Array.from({ length: 60 }, async (_, i) => {
        const response = await app.get(i % 2 === 0 ? '/maybe' : '/random?expected=ann', { token: ann })
        return { anonymous: i % 2 === 0, seen: await response.json() }
      }),
    )
    for (const { anonymous, seen } of answers) expect(seen).to.have.members(anonymous ? ['nobody'] : ['ann', 'viewer'])
  })

  it('does not pass from one request to the next on one connection', async () => {
    const socket = await openSocket(app.port)
    const requests = [
      ['GET /deep/after%20a%20timer HTTP/1.1', 'Host: a', `Authorization: Bearer ${ann}`],
      ['GET /maybe HTTP/1.1', 'Host: a'],
      ['GET /deep/after%20a%20timer HTTP/1.1', 'Host: a', `Authorization: Bearer ${admin}`],
      ['GET /deep/after%20a%20timer HTTP/1.1', 'Host: a', 'Connection: close'],
    ]
    socket.write(requests.map((lines) => `${lines.join('\r\n')}\r\n\r\n`).join(''))
    let text = ''
    for await (const chunk of socket) text += chunk
    expect(text.match(/\r\n\r\n(ann|bob|\["nobody"\]|\{.*\})/g)?.map((part) => part.trim().slice(0, 10))).to.deep.equal(
      ['ann', '["nobody"]', 'bob', '{"type":"a'],
    )
  })

  describe('is gone', () => {
    for (const { what, status } of [
      { what: 'response', status: 200 },
      { what: 'error', status: 500 },
      { what: 'refusal', status: 403 },
    ]) {
      it(`after the ${what}, for work that goes on`, async () => {
        const response = await app.get(`/leaves/${what}`, { token: ann })
        expect(response.status).to.equal(status)
        await response.text()
        expect(await afterwards.get(what)).to.equal(GONE)
      })
    }

    it('after the client has aborted, once the handler is through: till then it acts for the caller', async () => {
      const running = new Promise<void>((resolve) => {
        handlerIsRunning = resolve
      })
      const abort = new AbortController()
      const request = app.get('/hangs', { token: ann, signal: abort.signal }).catch((error: Error) => error.name)
      await running
      abort.abort()
      expect(await request).to.equal('AbortError')
      expect(await afterwards.get('hangs')).to.equal('ann, later nobody, false, []')
    })

    it('outside of any request', () => {
      expect(here()).to.equal('nobody')
    })
  })

  it('goes along with a job that bind carries over the end of the request', async () => {
    const response = await app.post('/job', { token: admin })
    expect(response.status).to.equal(200)
    await response.text()
    expect(await afterwards.get('job')).to.equal('bob true')
  })

  it('hands out nothing that can be changed', async () => {
    const response = await app.get('/frozen', { token: admin })
    expect(await response.json()).to.deep.equal([true, true, true, true, true, true])
  })

  it('is asked for in vain without a token', async () => {
    await expectProblem(await app.get('/deep/at%20once'), NO_TOKEN)
  })
})
