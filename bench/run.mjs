/**
 * Measures everything and prints the tables; `--write` keeps them in RESULTS.md, `--quick` tries the harness out
 * in a minute or two, with figures nobody should quote: not even the counts of tokens are those of the table.
 */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { startChild } from './child.mjs'
import { WITH_BARE, WITH_JOSE } from './comparisons.mjs'
import { ANY_CORE, moveToCore } from './cores.mjs'
import { keyFetches } from './key-fetches.mjs'
import { machine } from './machine.mjs'
import { report } from './report.mjs'
import { costByRequirements } from './requirements.mjs'
import { costByRoutes } from './routes.mjs'
import { startUp } from './start-up.mjs'
import { OURS, PEERS } from './subjects.mjs'
import { throughput } from './throughput.mjs'
import { storedTokens } from './tokens.mjs'

const FULL = {
  tokens: 100_000,
  throughput: { visits: 6, rounds: 12, seconds: 0.2, warmUp: 60_000 },
  routes: { rounds: 7, seconds: 0.8, warmUp: 60_000 },
  requirements: { rounds: 80, seconds: 0.25, warmUp: 60_000 },
  batches: { rounds: 7, batch: 2_000 },
  sizes: [1, 50, 500],
  starts: { rounds: 7 },
  flood: { forged: 2_000, seconds: 10 },
  counts: [1_000, 100_000, 1_000_000],
}

const QUICK = {
  tokens: 12_000,
  throughput: { visits: 1, rounds: 1, seconds: 0.3, warmUp: 500 },
  routes: { rounds: 1, seconds: 0.3, warmUp: 500 },
  requirements: { rounds: 1, seconds: 0.3, warmUp: 500 },
  batches: { rounds: 3, batch: 500 },
  sizes: [1, 50, 500],
  starts: { rounds: 1 },
  flood: { forged: 200, seconds: 2 },
  counts: [1_000, 12_000, 20_000],
}

const { values: options } = parseArgs({
  options: { write: { type: 'boolean', default: false }, quick: { type: 'boolean', default: false } },
})
const plan = options.quick ? QUICK : FULL

const tokens = await step('signing tokens', () => storedTokens(plan.tokens))
moveToCore(1)
const issuer = await startChild('issuer.mjs', [], { core: 1 })
try {
  const results = await measure()
  const text = report(results)
  console.log(`\n${text}`)
  if (options.write) writeFileSync(new URL('RESULTS.md', import.meta.url), text)
} finally {
  await issuer.stop()
}

async function measure() {
  const comparisons = [...Object.values(WITH_BARE), ...Object.values(WITH_JOSE)]
  return {
    throughput: await step('requests per second', () => throughput(comparisons, issuer, tokens, plan.throughput)),
    routes: await step('routes', () => costByRoutes(plan.sizes, issuer, tokens, plan.routes)),
    requirements: await step('requirements', () => costByRequirements(issuer, tokens, plan.requirements)),
    startUp: await step('start-up', () => startUp(plan.sizes.at(-1), issuer, plan.starts)),
    inProcess: await step('one validation', () =>
      askOnce('in-process.mjs', {}, 'costs', { stored: plan.tokens, ...plan.batches }),
    ),
    keyFetches: await step('key fetches', () => keyFetches([OURS, ...PEERS], issuer, tokens[0], plan.flood)),
    memory: await step('memory', () =>
      askOnce('memory.mjs', { core: ANY_CORE, execArgv: ['--expose-gc', '--max-semi-space-size=16'] }, 'growth', {
        stored: plan.tokens,
        counts: plan.counts,
      }),
    ),
    flood: plan.flood,
    machine: machine(`npm run bench${options.quick ? ' -- --quick' : ''}`),
  }
}

async function askOnce(script, how, question, details) {
  const child = await startChild(script, [`${issuer.origin}/in-process/jwks`], how)
  try {
    return await child.ask(question, details)
  } finally {
    await child.stop()
  }
}

async function step(title, work) {
  const begun = performance.now()
  process.stderr.write(`${title} … `)
  const result = await work()
  process.stderr.write(`${((performance.now() - begun) / 1000).toFixed(1)} s\n`)
  return result
}
