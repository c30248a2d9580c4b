import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { cpus, totalmem } from 'node:os'
import { canPin } from './cores.mjs'

const SHARED = ['koa', '@koa/router', 'inversify', 'lru-cache']

/** What the figures were taken on and with, one fact a row. */
export function machine(command) {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  const { dependencies } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'))
  const root = createRequire(new URL('../package.json', import.meta.url))
  const peers = createRequire(import.meta.url)
  const processors = cpus()
  return [
    ['command', `\`${command}\``],
    ['date', new Date().toISOString().slice(0, 10)],
    ['processor', `${processors[0].model.trim()}, ${processors.length} cores`],
    ['memory', `${Math.round(totalmem() / 2 ** 30)} GiB`],
    [
      'cores',
      canPin ? 'each server on core 0, the client on core 1' : 'not pinned: `taskset` and two cores are needed',
    ],
    ['Node.js', process.version],
    ['inversify-koa-auth', `${version}, as built to dist/`],
    ...SHARED.map((name) => [name, versionOf(name, root)]),
    ...Object.keys(dependencies).map((name) => [name, versionOf(name, peers)]),
  ]
}

/** Not every package exports its package.json, so it is looked for where packages are. */
function versionOf(name, { resolve }) {
  for (const folder of resolve.paths(name)) {
    try {
      return JSON.parse(readFileSync(`${folder}/${name}/package.json`, 'utf8')).version
    } catch {}
  }
  return 'not found'
}
