import { WITH_BARE, WITH_JOSE } from './comparisons.mjs'
import { asRange, summary } from './statistics.mjs'
import { BARE, JOSE } from './subjects.mjs'
import { table } from './table.mjs'
import { targets } from './targets.mjs'

/** Everything that was measured, as Markdown. */
export function report(results) {
  const sections = [
    ['Goals', goals(results)],
    ['Requests per second, relative to bare Koa in the same rounds', besideBare(results)],
    ['Tokens verified every time, relative to jose by hand in the same rounds', besideJose(results)],
    ['One validation, in process', validations(results)],
    ['What security adds to a request, by number of routes', routes(results)],
    ['What more requirements cost', requirements(results)],
    ['Building an application', startUp(results)],
    ['Key fetches', keyFetches(results)],
    ['Memory after so many distinct tokens', memory(results)],
    ['Machine', table(['what', 'value'], results.machine)],
  ]
  return [
    '# Benchmark results',
    '',
    'Medians, with the lowest and the highest round in brackets. RS256 with 2048 bits, the same claims, role check',
    'and answer everywhere. [What is measured, and how](README.md).',
    ...sections.map(([title, text]) => `\n## ${title}\n\n${text}`),
    '',
  ].join('\n')
}

function goals(results) {
  const rows = targets(results).map(({ what, goal, value, reached }) => [what, goal, value, reached ? 'yes' : '**no**'])
  return table(['what', 'goal', 'measured', 'reached'], rows)
}

function besideBare({ throughput }) {
  const found = throughput.filter(({ comparison }) => Object.values(WITH_BARE).includes(comparison))
  const middle = (of) => summary(found.map(({ against }) => of(against).median))
  const bare = { perSecond: middle(({ perSecond }) => perSecond), cpuMicros: middle(({ cpuMicros }) => cpuMicros) }
  const rows = [speedRow(`(a) ${BARE.title}`, '1.00', bare), ...found.map(comparisonRow)]
  const note = `(a) was measured beside each of the others: the median of its ${found.length} medians, and their range.`
  return `${speedTable(rows)}\n\n${note} ${clientNote(bare)}`
}

function besideJose({ throughput }) {
  const found = throughput.filter(({ comparison }) => Object.values(WITH_JOSE).includes(comparison))
  const tokens = ({ comparison }) => `, ${comparison.tokens.toLocaleString('en')} tokens`
  const rows = found.flatMap((it) => [
    speedRow(`(h) ${JOSE.title}${tokens(it)}`, '1.00', it.against),
    comparisonRow(it),
  ])
  return speedTable(rows)
}

function speedTable(rows) {
  return table(['subject', 'ratio', 'requests a second', 'processor time, µs a request'], rows)
}

function comparisonRow({ comparison, ratio, measured }) {
  return speedRow(comparison.title, asRange(ratio), measured)
}

function speedRow(title, ratio, { perSecond, cpuMicros }) {
  return [title, ratio, asRange(perSecond, 0), asRange(cpuMicros, 1)]
}

function clientNote({ perSecond, cpuMicros }) {
  const share = (perSecond.median * cpuMicros.median) / 1e6
  const busy = `Bare Koa had its core to work on ${Math.round(share * 100)} % of the time`
  return share < 0.9
    ? `${busy}: the client held it up, which flatters all others.`
    : `${busy}: the client is no bottleneck.`
}

function validations({ inProcess: { cryptoVerify, firstSeen, cacheOff, cacheHit, jose } }) {
  const row = (title, cost) => [title, asRange(cost, 1), (cost.median / cryptoVerify.median).toFixed(2)]
  return table(
    ['what', 'µs', 'relative'],
    [
      row('`node:crypto.verify` alone', cryptoVerify),
      row('a token seen for the first time', firstSeen),
      row('a token, cache off', cacheOff),
      row('a token seen before', cacheHit),
      row("jose's `jwtVerify`, one at a time", jose),
    ],
  )
}

function routes({ routes }) {
  const rows = routes.map((it) => [String(it.routes), asRange(it.bare, 1), asRange(it.added, 1)])
  return table(['routes', 'bare router, µs a request', 'ours adds, µs'], rows)
}

function requirements({ requirements: { one, five, ratio } }) {
  const rows = [
    ['one', asRange(one, 1), '1.00'],
    ['five', asRange(five, 1), asRange(ratio)],
  ]
  return table(['requirements', 'processor time, µs a request', 'ratio'], rows)
}

function startUp({ startUp: { routes, bare, ours, ratio } }) {
  const rows = [
    ['bare router', asRange(bare, 1), '1.00'],
    ['ours', asRange(ours, 1), asRange(ratio)],
  ]
  return table([`${routes} routes`, 'ms', 'ratio'], rows)
}

function keyFetches({ keyFetches, flood: { forged, seconds } }) {
  const rows = keyFetches.map((it) => [
    it.subject.title,
    `${it.coldStart}${it.coldFailures > 0 ? ` (${it.coldFailures} refused)` : ''}`,
    String(it.flood),
    String(it.refused),
  ])
  const head = [
    'subject',
    '200 requests at a cold start',
    `${forged} random key ids in ${seconds} s`,
    'good tokens refused meanwhile',
  ]
  return table(head, rows)
}

function memory({ memory }) {
  const [base] = memory
  const rows = memory.map(({ count, rss, heapUsed }) => [
    count.toLocaleString('en'),
    mebibytes(rss),
    mebibytes(rss - base.rss),
    mebibytes(heapUsed),
    mebibytes(heapUsed - base.heapUsed),
  ])
  return table(['tokens', 'resident, MiB', 'added', 'heap, MiB', 'added'], rows)
}

function mebibytes(bytes) {
  return (bytes / 2 ** 20).toFixed(1)
}
