/**
 * The tests under c8, with the limits of `.c8rc.json`.
 *
 * Files nobody loads count as uncovered. A file of types alone is never loaded, because nothing is
 * left of it after compilation, so those files are left out.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import ts from 'typescript'
import { filesUnder } from './docs/pages.js'

const excluded = filesUnder('src').filter(isTypesAlone)
const exclusions = ['**/*.d.ts', ...excluded].flatMap((path) => ['--exclude', path])
const { status } = spawnSync('npx', ['--no', '--', 'c8', ...exclusions, 'mocha', '--reporter', 'dot'], {
  stdio: 'inherit',
})
process.exitCode = status ?? 1

function isTypesAlone(path: string): boolean {
  const compilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    removeComments: true,
    verbatimModuleSyntax: true,
  }
  const { outputText } = ts.transpileModule(readFileSync(path, 'utf8'), { compilerOptions })
  return /^\s*(export \{\};?)?\s*$/.test(outputText)
}
