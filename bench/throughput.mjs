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
 * Rounds go through the subjects forwards and backwards in turn, and so do the two of each pair.
 */
export async function throughput(subjects, issuer, tokens, plan) {
  const [bare, ...rivals] = await Promise.all([BARE, ...subjects].map((subject) => runner(subject, issuer, tokens)))
  for (const { server, next } of [bare, ...rivals]) await warmUp(server, { next, requests: plan.warmUp })
  const pairs = []
  for (let round = 0; round < plan.rounds; round++) {
    const forwards = round % 2 === 0
    for (const rival of forwards ? rivals : rivals.toReversed()) {
      const [ofBare, measured] = await inTurn([bare, rival], forwards, (one) => load(one.server, { ...one, ...plan }))
      pairs.push({ rival, bare: ofBare, measured })
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
