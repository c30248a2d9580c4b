import { inTurn } from './in-turn.mjs'
import { load, warmUp } from './load.mjs'
import { rotating } from './requests.mjs'
import { summary } from './statistics.mjs'
import { BARE, OURS, startSubject } from './subjects.mjs'

/**
 * What security adds to one request in applications of different sizes: the processor time that ours takes, in
 * microseconds, less what a bare router with as many routes takes.
 *
 * Each round has processes of its own. Where a process happens to lie in memory decides how much of 500 compiled
 * expressions its processor's caches hold, for as long as it lives: one process is one throw of the dice.
 */
export async function costByRoutes(sizes, issuer, tokens, plan) {
  const next = rotating(tokens.slice(0, 1))
  const measure = async (server) => (await load(server, { next, seconds: plan.seconds })).cpuMicros
  const pairs = new Map(sizes.map((size) => [size, []]))
  for (let round = 0; round < plan.rounds; round++) {
    for (const routes of sizes) {
      const servers = await Promise.all([BARE, OURS].map((subject) => startSubject(subject, issuer, { routes })))
      for (const server of servers) await warmUp(server, { next, requests: plan.warmUp })
      pairs.get(routes).push(await inTurn(servers, round % 2 === 0, measure))
      await Promise.all(servers.map(({ stop }) => stop()))
    }
  }
  return sizes.map((routes) => ({
    routes,
    bare: summary(pairs.get(routes).map(([bare]) => bare)),
    added: summary(pairs.get(routes).map(([bare, ours]) => ours - bare)),
  }))
}
