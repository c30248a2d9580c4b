import { load } from './load.mjs'
import { rotating } from './requests.mjs'
import { summary } from './statistics.mjs'
import { BARE, OURS, startSubject } from './subjects.mjs'

/**
 * What security adds to one request in applications of different sizes: the processor time that ours takes, in
 * microseconds, less what a bare router with as many routes takes.
 */
export async function costByRoutes(sizes, issuer, tokens, { rounds, seconds }) {
  const costs = []
  for (const routes of sizes) {
    const servers = await Promise.all([BARE, OURS].map((subject) => startSubject(subject, issuer, { routes })))
    const next = rotating(tokens.slice(0, 1))
    const measure = async (server) => (await load(server, { next, seconds })).cpuMicros
    for (const server of servers) await measure(server)
    const pairs = []
    for (let round = 0; round < rounds; round++) {
      const [first, second] = round % 2 === 0 ? servers : servers.toReversed()
      const times = new Map([[first, await measure(first)]])
      times.set(second, await measure(second))
      pairs.push(servers.map((server) => times.get(server)))
    }
    await Promise.all(servers.map(({ stop }) => stop()))
    costs.push({
      routes,
      bare: summary(pairs.map(([bare]) => bare)),
      added: summary(pairs.map(([bare, ours]) => ours - bare)),
    })
  }
  return costs
}
