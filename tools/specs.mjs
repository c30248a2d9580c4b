/**
 * The one file mocha is given; it imports the specs: all of them, or those whose path has `SPEC` in it.
 *
 * Mocha would require() them, and tsx would then compile this ESM-only package to CommonJS: other
 * semantics than users get, and a second copy of every module that a test imports dynamically.
 */
import { readdirSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

const specs = ['test', 'examples']
  .flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) => `${folder}/${path}`))
  .filter(
    (path) => path.endsWith('.spec.ts') && !path.includes('node_modules') && path.includes(process.env.SPEC ?? ''),
  )
  .sort()

if (specs.length === 0) throw new Error(`no spec has ${process.env.SPEC} in its path`)
for (const spec of specs) await import(pathToFileURL(spec).href)
