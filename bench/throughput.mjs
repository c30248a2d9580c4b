import { assertSecure } from './assert-secure.mjs'
import { inTurn } from './in-turn.mjs'
import { load, warmUp } from './load.mjs'
import { rotating } from './requests.mjs'
import { summary } from './statistics.mjs'
import { BARE, startSubject } from './subjects.mjs'

/**
 * How many requests a second each subject answers, as a share of what bare Koa answers right before or after:
 * whatever else the machine does meanwhile strikes both. Many short rounds, because it strikes at once and is gone.
 *
 * In each of several visits, a subject and bare Koa take turns alone, after both have been woken up: a process that has
 * waited for the others has given up memory and caches, and would only be getting them back. Visits go through the
 * subjects forwards and backwards in turn, and so do the two in each round.
 */
export async function throughput(subjects, issuer, tokens, plan) {
  const [bare, ...rivals] = await Promise.all([BARE, ...subjects].map((subject) => runner(subject, issuer, tokens)))
  const wake = ({ server, next }, requests) => warmUp(server, { next, requests })
  for (const one of [bare, ...rivals]) await wake(one, plan.warmUp)
  const pairs = []
  for (let visit = 0; visit < plan.visits; visit++) {
    for (const rival of visit % 2 === 0 ? rivals : rivals.toReversed()) {
      for (const one of [bare, rival]) await wake(one, plan.wakeUp)
      for (let round = 0; round < plan.rounds; round++) {
        const measure = (one) => load(one.server, { next: one.next, seconds: plan.seconds })
        const [ofBare, measured] = await inTurn([bare, rival], round % 2 === 0, measure)
        pairs.push({ rival, bare: ofBare, measured })
      }
    }
  }
  await Promise.all([bare, ...rivals].map(({ server }) => server.stop()))
  return {
    bare: {
      perSecond: summary(pairs.map((pair) => pair.bare.perSecond)),
      cpuMicros: summary(pairs.map((pair) => pair.bare.cpuMicros)),
    },
    serverBusy: summary(pairs.map(({ bare: { perSecond, cpuMicros } }) => (perSecond * cpuMicros) / 1e6)).median,
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
  return { subject, server, next }
}
