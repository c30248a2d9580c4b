/**
 * Everything CI runs after the tests, in order. Runs every step even when one fails, so that one
 * run names everything there is to mend; steps that need another's result are left out with it.
 */
import { spawnSync } from 'node:child_process'

interface Step {
  readonly script: string
  readonly needs?: string
}

const STEPS: readonly Step[] = [
  { script: 'lint' },
  { script: 'types' },
  { script: 'coverage' },
  { script: 'routes:check' },
  { script: 'build' },
  { script: 'test:package', needs: 'build' },
  { script: 'publint', needs: 'build' },
  { script: 'attw', needs: 'build' },
  { script: 'docs:check' },
  { script: 'knip' },
]

const failed = new Map<string, string>()
const started = performance.now()

for (const { script, needs } of STEPS) {
  if (needs !== undefined && failed.has(needs)) {
    failed.set(script, `not run, because ${needs} failed`)
    continue
  }
  console.log(`\n── ${script}`)
  const begun = performance.now()
  const { status } = spawnSync('npm', ['run', '--silent', script], { stdio: 'inherit' })
  console.log(`── ${script} ${status === 0 ? 'passed' : 'FAILED'} in ${seconds(begun)}`)
  if (status !== 0) failed.set(script, `npm run ${script}`)
}

if (failed.size > 0) {
  console.error(`\ncheck failed after ${seconds(started)}:`)
  for (const [script, hint] of failed) console.error(`  ${script} (${hint})`)
  process.exitCode = 1
} else {
  console.log(`\ncheck passed in ${seconds(started)}`)
}

function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`
}
