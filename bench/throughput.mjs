import { assertSecure } from './assert-secure.mjs'
import { load } from './load.mjs'
import { rotating } from './requests.mjs'
import { summary } from './statistics.mjs'
import { BARE, startSubject } from './subjects.mjs'

/**
 * How many requests a second each subject answers, as a share of what bare Koa answers right before or after:
 * whatever else the machine does meanwhile strikes both.
 *
 * Rounds go through the subjects forwards and backwards in turn, and so do the two of each pair.
 */
export async function throughput(subjects, issuer, tokens, { rounds, seconds }) {
  const [bare, ...rivals] = await Promise.all([BARE, ...subjects].map((subject) => runner(subject, issuer, tokens)))
  for (const { measure } of [bare, ...rivals]) await measure(seconds)
  const pairs = []
  for (let round = 0; round < rounds; round++) {
    const forwards = round % 2 === 0
    for (const rival of forwards ? rivals : rivals.toReversed()) {
      const order = forwards ? [bare, rival] : [rival, bare]
      const measured = new Map()
      for (const one of order) measured.set(one, await one.measure(seconds))
      pairs.push({ rival, bare: measured.get(bare), measured: measured.get(rival) })
    }
  }
  await Promise.all([bare, ...rivals].map(({ stop }) => stop()))
  return {
    bare: {
      perSecond: summary(pairs.map((pair) => pair.bare.perSecond)),
      cpuMicros: summary(pairs.map((pair) => pair.bare.cpuMicros)),
    },
    serverBusy: Math.min(...pairs.map(({ bare: { perSecond, cpuMicros } }) => (perSecond * cpuMicros) / 1e6)),
    rivals: rivals.map((rival) => ({ subject: rival.subject, ...compared(pairs.filter((it) => it.rival === rival)) })),
  }
}

function compared(pairs) {
  return {
    perSecond: summary(pairs.map(({ measured }) => measured.perSecond)),
    cpuMicros: summary(pairs.map(({ measured }) => measured.cpuMicros)),
    ratio: summary(pairs.map(({ measured, bare }) => measured.perSecond / bare.perSecond)),
  }
}

async function runner(subject, issuer, tokens) {
  const server = await startSubject(subject, issuer)
  if (subject !== BARE) await assertSecure(subject, server)
  const next = rotating(tokens.slice(0, subject.tokens ?? 1))
  return { subject, measure: (seconds) => load(server, { next, seconds }), stop: server.stop }
}
