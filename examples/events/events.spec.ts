import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Writable } from 'node:stream'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { expect } from 'chai'
import { Container } from 'inversify'
import {
  type AuthClientOptions,
  AuthModule,
  Controller,
  Get,
  KoaModule,
  RequiresRole,
  RoleResolver,
} from 'inversify-koa-auth'
import { TestIssuer } from 'inversify-koa-auth/testing'
import Koa from 'koa'
import { after, before, describe, it } from 'mocha'
import { pino } from 'pino'
import { recordAuthEvents } from './record-auth-events.js'

@Controller('/reports')
class ReportController {
  @Get('/')
  @RequiresRole('auditor')
  all() {
    return []
  }
}

const FAILING: RoleResolver = {
  resolve: () => {
    throw new Error('the directory is away')
  },
}

describe('examples/events: the log and the counters', () => {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 60_000 })
  const lines: Record<string, unknown>[] = []
  const sink = new Writable({
    write: (line, _encoding, done) => {
      lines.push(JSON.parse(String(line)))
      done()
    },
  })
  let issuer: TestIssuer
  const servers: Server[] = []
  const containers: Container[] = []
  let stop: () => void

  before(async () => {
    issuer = await TestIssuer.start()
    stop = recordAuthEvents(pino(sink), new MeterProvider({ readers: [reader] }))
    const usual = await listen(application())
    for (const claims of [
      { sub: 'ann', role: 'auditor' },
      { sub: 'vic', role: 'viewer' },
    ]) {
      await call(usual, await issuer.makeToken(claims))
    }
    await call(usual, await issuer.makeToken({ sub: 'mallory' }, { expiresIn: -60 }))
    const lists = await listen(
      createServer(({ url }, answer) => answer.writeHead(url === '/list' ? 200 : 500).end('[]')),
    )
    for (const path of ['/list', '/broken']) {
      const server = await listen(application({ revocationEndpoint: `${lists}${path}` }))
      await call(server, await issuer.makeToken({ sub: 'ann', jti: 'one', role: 'auditor' }))
    }
    await call(await listen(application({}, FAILING)), await issuer.makeToken({ sub: 'ann' }))
  })

  after(async () => {
    stop()
    for (const server of servers) server.close()
    for (const container of containers) container.unbindAll()
    await issuer.stop()
  })

  it('logs who was denied, the roles held and the roles required', () => {
    const denied = lines.find(({ msg }) => msg === 'authorization denied')
    expect(denied).to.deep.include({ subject: 'vic', roles: ['viewer'], missing: { roles: ['auditor'] } })
    expect(denied).to.include({ route: 'GET /reports' })
  })

  it('logs why credentials were rejected, and names nobody', () => {
    const rejected = lines.find(({ msg }) => msg === 'credentials rejected')
    expect(rejected).to.include({ reason: 'token_expired', route: 'GET /reports' })
    expect(JSON.stringify(rejected)).not.to.include('mallory')
  })

  it('counts by outcome', async () => {
    await reader.forceFlush()
    const metrics =
      exporter
        .getMetrics()
        .at(-1)
        ?.scopeMetrics.flatMap((scope) => scope.metrics) ?? []
    const totals = Object.fromEntries(
      metrics.map(({ descriptor, dataPoints }) => [
        descriptor.name,
        dataPoints.reduce((sum, { value }) => sum + Number(value), 0),
      ]),
    )
    expect(totals).to.deep.equal({
      'auth.authenticated': 3,
      'auth.rejected': 3,
      'auth.denied': 1,
      'auth.keys.fetches': 4,
      'auth.revocation.fetches': 2,
      'auth.decisions.failed': 1,
    })
  })

  it('logs revocation lists that came and that did not, and decisions that could not be had', () => {
    const logged = (text: string) => lines.find(({ msg }) => msg === text)
    expect(logged('revocation list refreshed')).to.include({ level: pino.levels.values['info'], entries: 0 })
    expect(logged('revocation list not refreshed')).to.include({ level: pino.levels.values['error'] })
    expect(logged('no decision could be had')).to.include({
      level: pino.levels.values['error'],
      route: 'GET /reports',
    })
  })

  function application(options: AuthClientOptions = {}, resolver?: RoleResolver): Server {
    const container = new Container()
    containers.push(container)
    if (resolver !== undefined) container.bind(RoleResolver).toConstantValue(resolver)
    container.load(
      new KoaModule({ controllers: [ReportController] }),
      new AuthModule({ ...issuer.settings, env: {}, ...options }),
    )
    return createServer(container.get(Koa).callback())
  }

  /** Comes back with the server's origin. */
  async function listen(server: Server): Promise<string> {
    servers.push(server)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  async function call(origin: string, token: string): Promise<void> {
    await fetch(`${origin}/reports`, { headers: { authorization: `Bearer ${token}` } })
  }
})
