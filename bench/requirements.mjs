import { inTurn } from './in-turn.mjs'
import { load, warmUp } from './load.mjs'
import { rotating } from './requests.mjs'
import { summary } from './statistics.mjs'
import { OURS, OURS_FIVE, startSubject } from './subjects.mjs'

/**
 * The processor time of a request that has to meet five requirements, as a share of what one with a single
 * requirement takes right before or after.
 */
export async function costByRequirements(issuer, tokens, plan) {
  const servers = await Promise.all([OURS, OURS_FIVE].map((subject) => startSubject(subject, issuer)))
  const next = rotating(tokens.slice(0, 1))
  const measure = async (server) => (await load(server, { next, seconds: plan.seconds })).cpuMicros
  for (const server of servers) await warmUp(server, { next, requests: plan.warmUp })
  const pairs = []
  for (let round = 0; round < plan.rounds; round++) pairs.push(await inTurn(servers, round % 2 === 0, measure))
  await Promise.all(servers.map(({ stop }) => stop()))
  return {
    one: summary(pairs.map(([one]) => one)),
    five: summary(pairs.map(([, five]) => five)),
    ratio: summary(pairs.map(([one, five]) => five / one)),
  }
}
