/**
 * Runs the tests on other Node.js versions than the one at hand: `npm run test:nodes -- 22 latest`.
 *
 * The runtimes come from npm's package `node` and go into `.tmp/`, which git ignores. The versions all run, and each
 * failure is named at the end.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'

const versions = process.argv.slice(2)
if (versions.length === 0) throw new Error('name at least one version, such as 22 or latest')
const failed = versions.filter((version) => !passesOn(version))
if (failed.length > 0) {
  console.error(`The tests fail on Node.js ${failed.join(', ')}.`)
  process.exit(1)
}

function passesOn(version: string): boolean {
  const bin = install(version)
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env['PATH']}` }
  const { stdout } = spawnSync(join(bin, 'node'), ['--version'], { encoding: 'utf8' })
  console.log(`── the tests on Node.js ${stdout.trim()}`)
  const mocha = ['node_modules/mocha/bin/mocha.js', '--reporter', 'dot']
  return spawnSync(join(bin, 'node'), mocha, { env, stdio: 'inherit' }).status === 0
}

/** The folder with the runtime's executable. */
function install(version: string): string {
  const folder = resolve('.tmp', `node-${version}`)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, allowScripts: { node: true } }))
  const { status } = spawnSync('npm', ['install', '--no-audit', '--no-fund', `node@${version}`], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  if (status !== 0) throw new Error(`Node.js ${version} could not be installed`)
  return join(folder, 'node_modules', 'node', 'bin')
}
