import { WITH_BARE, WITH_JOSE } from './comparisons.mjs'
import { BARE, OURS } from './subjects.mjs'

const MEBIBYTE = 2 ** 20

/**
 * In microseconds. The router tries 500 expressions before it comes to the route, and what it finds then is no
 * longer in the processor's caches; looking at every route once more would cost the 30 µs that the router takes.
 */
const ROUTES_TOLERANCE = 5

/** What the library promises of itself, and whether this run bears it out. */
export function targets({ throughput, routes, requirements, startUp, keyFetches, memory }) {
  const ratioOf = (comparison) => throughput.find((it) => it.comparison === comparison).ratio.median
  const ours = ratioOf(WITH_BARE.repeated)
  const times = (peer) => ours / ratioOf(peer)
  const [base, hundredThousandTokens, million] = memory.map(({ rss }) => rss / MEBIBYTE)
  const { flood, coldStart } = keyFetches.find(({ subject }) => subject.name === OURS.name)
  const [few, , many] = routes.map(({ added }) => added)
  return [
    atLeast('a repeated token', ours, 0.8),
    atLeast('1,000 rotating tokens', ratioOf(WITH_BARE.thousand), 0.75),
    atLeast('cache off, against jose by hand', ratioOf(WITH_JOSE.uncached), 1, 'times'),
    atLeast('100,000 rotating tokens, against jose by hand', ratioOf(WITH_JOSE.hundredThousand), 1, 'times'),
    atLeast('against koa-jwt + jwks-rsa', times(WITH_BARE.koaJwt), 8, 'times'),
    atLeast('against express-oauth2-jwt-bearer', times(WITH_BARE.express), 5, 'times'),
    atLeast('against @fastify/jwt, the peer with a cache', times(WITH_BARE.fastify), 2, 'times'),
    atMost('what security costs more with 500 routes than with 1', many.median - few.median, ROUTES_TOLERANCE, 'µs'),
    atMost('loading 500 routes, over plain @koa/router', startUp.ours.median - startUp.bare.median, 60, 'ms'),
    atMost('five requirements, against one', requirements.ratio.median, 1.03, 'times'),
    atMost('memory that 100,000 tokens add over 1,000', hundredThousandTokens - base, 64, 'MiB'),
    atMost('memory that 1,000,000 tokens add over 1,000', million - base, 64, 'MiB'),
    atMost('key fetches in a flood of unknown key ids', flood, 2),
    atMost('key fetches at a cold start', coldStart, 1),
  ]
}

/** Digits beyond the second are cut off: what rounding would lift to the goal has not reached it. */
function atLeast(what, measured, least, unit = `of ${BARE.name} Koa`) {
  const value = (Math.floor(measured * 100) / 100).toFixed(2)
  return { what, goal: `at least ${least} ${unit}`, value, reached: measured >= least }
}

function atMost(what, measured, most, unit = '') {
  const value = Number.isInteger(measured) ? String(measured) : measured.toFixed(unit === 'times' ? 3 : 1)
  return { what, goal: `at most ${most} ${unit}`.trim(), value, reached: measured <= most }
}
