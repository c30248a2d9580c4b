/**
 * Full load on the library while its issuer rotates keys and goes down, with forged tokens mixed in.
 *
 * Ends with 0 when not one answer was wrong and memory stayed flat. `--minutes 10`, or `--seconds 40` for the same
 * to scale.
 */
import { parseArgs } from 'node:util'
import { moveToCore } from './cores.mjs'
import { converse } from './load.mjs'
import { MemoryWatch } from './soak/memory-watch.mjs'
import { plan } from './soak/plan.mjs'
import { rotatingIssuer } from './soak/rotating-issuer.mjs'
import { Stage } from './soak/stage.mjs'
import { Tally } from './soak/tally.mjs'
import { Timeline } from './soak/timeline.mjs'
import { OURS, startSubject } from './subjects.mjs'
import { table } from './table.mjs'

const CONNECTIONS = 50
const SAMPLES = 60

/** What the last answers may take once everything is over. */
const LAST_ANSWERS_MS = 10_000

const { values: options } = parseArgs({ options: { minutes: { type: 'string' }, seconds: { type: 'string' } } })
const duration = options.seconds === undefined ? Number(options.minutes ?? 10) * 60 : Number(options.seconds)
if (!(duration >= 20 && duration <= 3600)) throw new Error('a soak takes between 20 seconds and 60 minutes')

moveToCore(1)
const schedule = plan(duration)
const issuer = await rotatingIssuer()
const server = await startSubject({ ...OURS, settings: schedule.settings }, issuer, { execArgv: ['--expose-gc'] })
const timeline = new Timeline(schedule, Date.now())
issuer.downWhen(() => timeline.isDown(Date.now()))
const stage = new Stage(issuer, timeline, schedule)
const tally = new Tally(timeline)
const memory = new MemoryWatch()

await stage.rotate()
const ends = Date.now() + duration * 1000
const timers = [
  setInterval(() => stage.rotate().catch(giveUp), schedule.rotation * 1000),
  setInterval(() => server.ask('memory').then((sample) => memory.add(sample), giveUp), (duration * 1000) / SAMPLES),
  setTimeout(() => giveUp(new Error('the last answers did not come')), duration * 1000 + LAST_ANSWERS_MS),
]
await Promise.all(Array.from({ length: CONNECTIONS }, keepAsking))
for (const timer of timers) clearTimeout(timer)
await server.stop()
issuer.close()
report()

/** One client after the other on the same place in the queue: a lost connection is a wrong answer. */
async function keepAsking() {
  while (Date.now() < ends) {
    let attempt = stage.attempt()
    let sent = Date.now()
    await converse(server.port, attempt.request, (status, bytes) => {
      const answered = Date.now()
      tally.add(attempt, { status, bytes, sent, answered })
      if (answered >= ends) return undefined
      attempt = stage.attempt()
      sent = answered
      return attempt.request
    }).catch((error) => tally.complain(`${attempt.says}: ${error.message}`))
  }
}

function report() {
  const growth = memory.growth()
  const passed = tally.wrong === 0 && growth.every(({ flat }) => flat)
  const perSecond = Math.round(tally.answers / duration).toLocaleString('en')
  const { rotation, outage, settings } = schedule
  console.log(
    `${duration} s of load: a new key every ${rotation} s, no issuer from ${outage.from} to ${outage.until} s,`,
  )
  console.log(`${tally.answers.toLocaleString('en')} answers (${perSecond} a second), ${issuer.fetches()} key fetches,`)
  console.log(`cool-down ${settings.jwksCooldownSeconds} s, TTL ${settings.jwksTtlSeconds} s.\n`)
  console.log(`${table(['request', 'answers'], tally.rows())}\n`)
  const megabytes = (value) => value.toFixed(1)
  const rows = growth.map((it) => [it.what, ...[it.first, it.last, it.bound].map(megabytes), it.flat ? 'yes' : 'NO'])
  console.log(`${table(['memory, MiB', 'first third', 'last third', 'may grow by', 'flat'], rows)}\n`)
  for (const complaint of tally.complaints) console.log(`WRONG ${complaint}`)
  console.log(`${tally.wrong} wrong answers; the soak has ${passed ? 'passed' : 'FAILED'}`)
  process.exitCode = passed ? 0 : 1
}

function giveUp(error) {
  console.error(error)
  process.exit(1)
}
