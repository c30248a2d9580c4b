import { assertSecure } from './assert-secure.mjs'
import { inTurn } from './in-turn.mjs'
import { load, warmUp } from './load.mjs'
import { rotating } from './requests.mjs'
import { summary } from './statistics.mjs'
import { BARE, startSubject } from './subjects.mjs'

/**
 * How many requests a second each subject answers, as a share of what the other of its comparison answers right before
 * or after: whatever else the machine does meanwhile strikes both. Short rounds of alternating order, because it strikes
 * at once and is gone.
 *
 * Each of several visits has two processes of its own, and nobody else has any meanwhile. Where a process happens to
 * lie in memory makes it faster or slower for as long as it lives; one that waits for others gives up what is in the
 * processor's caches. Visits go through the comparisons forwards and backwards in turn, and so do they through the two
 * when they start them: whoever has been warmed up first and has waited for the other since stays slower.
 *
 * @returns the comparisons with their figures, in their order
 */
export async function throughput(comparisons, issuer, tokens, plan) {
  const rounds = new Map(comparisons.map((comparison) => [comparison, []]))
  for (let visit = 0; visit < plan.visits; visit++) {
    const forwards = visit % 2 === 0
    for (const comparison of forwards ? comparisons : comparisons.toReversed()) {
      rounds.get(comparison).push(...(await visited(comparison, forwards, issuer, tokens, plan)))
    }
  }
  return comparisons.map((comparison) => ({ comparison, ...figures(rounds.get(comparison)) }))
}

async function visited({ subject, against, tokens: count }, forwards, issuer, tokens, plan) {
  const runners = []
  try {
    for (const each of forwards ? [subject, against] : [against, subject]) {
      runners.push(await runner(each, issuer, tokens.slice(0, count)))
    }
    for (const { server, next } of runners) await warmUp(server, { next, requests: plan.warmUp })
    const pair = forwards ? runners : runners.toReversed()
    const rounds = []
    const measure = ({ server, next }) => load(server, { next, seconds: plan.seconds })
    for (let round = 0; round < plan.rounds; round++) rounds.push(await inTurn(pair, round % 2 === 0, measure))
    return rounds
  } finally {
    await Promise.all(runners.map(({ server }) => server.stop()))
  }
}

function figures(rounds) {
  return {
    measured: speed(rounds.map(([measured]) => measured)),
    against: speed(rounds.map(([, against]) => against)),
    ratio: summary(rounds.map(([measured, against]) => measured.perSecond / against.perSecond)),
  }
}

function speed(loads) {
  return {
    perSecond: summary(loads.map(({ perSecond }) => perSecond)),
    cpuMicros: summary(loads.map(({ cpuMicros }) => cpuMicros)),
  }
}

async function runner(subject, issuer, tokens) {
  const server = await startSubject(subject, issuer)
  if (subject !== BARE) await assertSecure(subject, server)
  return { server, next: rotating(tokens) }
}
