import { load } from './load.mjs'
import { rotating } from './requests.mjs'
import { summary } from './statistics.mjs'
import { OURS, OURS_FIVE, startSubject } from './subjects.mjs'

/**
 * The processor time of a request that has to meet five requirements, as a share of what one with a single
 * requirement takes right before or after.
 */
export async function costByRequirements(issuer, tokens, { rounds, seconds }) {
  const servers = await Promise.all([OURS, OURS_FIVE].map((subject) => startSubject(subject, issuer)))
  const next = rotating(tokens.slice(0, 1))
  const measure = async (server) => (await load(server, { next, seconds })).cpuMicros
  for (const server of servers) await measure(server)
  const pairs = []
  for (let round = 0; round < rounds * 3; round++) {
    const [first, second] = round % 2 === 0 ? servers : servers.toReversed()
    const times = new Map([[first, await measure(first)]])
    times.set(second, await measure(second))
    pairs.push(servers.map((server) => times.get(server)))
  }
  await Promise.all(servers.map(({ stop }) => stop()))
  return {
    one: summary(pairs.map(([one]) => one)),
    five: summary(pairs.map(([, five]) => five)),
    ratio: summary(pairs.map(([one, five]) => five / one)),
  }
}
