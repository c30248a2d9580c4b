import { load } from './load.mjs'
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
export async function costByRoutes(sizes, issuer, tokens, { rounds, seconds }) {
  const next = rotating(tokens.slice(0, 1))
  const measure = async (server) => (await load(server, { next, seconds })).cpuMicros
  const pairs = new Map(sizes.map((size) => [size, []]))
  for (let round = 0; round < rounds; round++) {
    for (const routes of sizes) {
      const servers = await Promise.all([BARE, OURS].map((subject) => startSubject(subject, issuer, { routes })))
      for (const server of servers) await measure(server)
      const [first, second] = round % 2 === 0 ? servers : servers.toReversed()
      const times = new Map([[first, await measure(first)]])
      times.set(second, await measure(second))
      pairs.get(routes).push(servers.map((server) => times.get(server)))
      await Promise.all(servers.map(({ stop }) => stop()))
    }
  }
  return sizes.map((routes) => ({
    routes,
    bare: summary(pairs.get(routes).map(([bare]) => bare)),
    added: summary(pairs.get(routes).map(([bare, ours]) => ours - bare)),
  }))
}
