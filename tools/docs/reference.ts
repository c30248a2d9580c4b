import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { relative } from 'node:path'
import { type Finding, filesUnder, REFERENCE } from './pages.js'

const FRESH = '.tmp/reference'

/** The pages of the reference that are not what the source says today. */
export function staleReference(): readonly Finding[] {
  rmSync(FRESH, { recursive: true, force: true })
  const { status } = spawnSync('npx', ['--no', '--', 'typedoc', '--out', FRESH], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  if (status !== 0) return [{ path: REFERENCE, line: 1, message: 'typedoc failed' }]

  const fresh = pagesOf(FRESH)
  const kept = pagesOf(REFERENCE)
  return [...new Set([...fresh.keys(), ...kept.keys()])]
    .filter((name) => fresh.get(name) !== kept.get(name))
    .map((name) => ({
      path: `${REFERENCE}/${name}`,
      line: 1,
      message: 'out of step with the source; run npm run docs',
    }))
}

function pagesOf(folder: string): ReadonlyMap<string, string> {
  return new Map(filesUnder(folder).map((path) => [relative(folder, path), readFileSync(path, 'utf8')]))
}
