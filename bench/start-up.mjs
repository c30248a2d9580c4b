import { summary } from './statistics.mjs'
import { BARE, OURS, startSubject } from './subjects.mjs'

/** How long an application with many routes takes to build, in milliseconds, each time in a fresh process. */
export async function startUp(routes, issuer, { rounds }) {
  const pairs = []
  for (let round = 0; round < rounds; round++) {
    const times = []
    for (const subject of [BARE, OURS]) {
      const { buildMs, stop } = await startSubject(subject, issuer, { routes })
      await stop()
      times.push(buildMs)
    }
    pairs.push(times)
  }
  return {
    routes,
    bare: summary(pairs.map(([bare]) => bare)),
    ours: summary(pairs.map(([, ours]) => ours)),
    ratio: summary(pairs.map(([bare, ours]) => ours / bare)),
  }
}
