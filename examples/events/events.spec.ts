import { once } from 'node:events'
import type { Server } from 'node:http'
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
import { AuthModule, Controller, Get, KoaModule, RequiresRole } from 'inversify-koa-auth'
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
  let server: Server
  let stop: () => void

  before(async () => {
    issuer = await TestIssuer.start()
    stop = recordAuthEvents(pino(sink), new MeterProvider({ readers: [reader] }))
    const container = new Container()
    container.load(new KoaModule({ controllers: [ReportController] }), new AuthModule({ ...issuer.settings, env: {} }))
    server = container.get(Koa).listen(0, '127.0.0.1')
    await once(server, 'listening')
    for (const claims of [
      { sub: 'ann', role: 'auditor' },
      { sub: 'vic', role: 'viewer' },
    ]) {
      await call(await issuer.makeToken(claims))
    }
    await call(await issuer.makeToken({ sub: 'mallory' }, { expiresIn: -60 }))
  })

  after(async () => {
    stop()
    server.close()
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
      'auth.authenticated': 2,
      'auth.rejected': 1,
      'auth.denied': 1,
      'auth.keys.fetches': 1,
    })
  })

  async function call(token: string): Promise<void> {
    const { port } = server.address() as AddressInfo
    await fetch(`http://127.0.0.1:${port}/reports`, { headers: { authorization: `Bearer ${token}` } })
  }
})
