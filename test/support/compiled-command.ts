import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import ts from 'typescript'

/**
 * Compiles the command, so that it runs as users have it: without anything that knows TypeScript.
 *
 * @param folder an empty one to put it in
 * @returns the script
 */
export function compileCommand(folder: string): string {
  const sources = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'))
  const compilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ES2022,
    experimentalDecorators: true,
    verbatimModuleSyntax: true,
  }
  for (const path of sources) {
    const { outputText } = ts.transpileModule(readFileSync(join('src', path), 'utf8'), { compilerOptions })
    const target = join(folder, 'dist', path.replace(/\.ts$/, '.js'))
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, outputText)
  }
  writeFileSync(join(folder, 'package.json'), readFileSync('package.json'))
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'), 'junction')
  return join(folder, 'dist', 'cli', 'main.js')
}
