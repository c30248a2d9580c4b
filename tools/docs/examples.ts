import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import ts from 'typescript'
import { type CodeBlock, codeBlocks } from './markdown.js'
import type { Finding, Page } from './pages.js'

/**
 * One program taken from a page: a `ts` block and the blocks that continue it.
 *
 * Its code stands on the same lines as in the page, so the compiler's line numbers are the page's.
 */
export interface Example {
  readonly page: string
  readonly line: number
  readonly code: string
  /** What the example prints, where the page says so. */
  readonly output?: string
}

const FOLDER = '.tmp/docs'
const MISSPELT = new Set(['typescript', 'javascript', 'js', 'mjs', 'mts', 'tsx'])

/**
 * The examples of a page, and the blocks that would have gone unchecked.
 *
 * `<!-- continues -->` before a block appends it to the block above;
 * `<!-- output -->` before a `text` block makes it the expected output of the example above.
 */
export function examplesOf(page: Page): {
  readonly examples: readonly Example[]
  readonly findings: readonly Finding[]
} {
  const examples: Example[] = []
  const findings: Finding[] = []
  const complain = (block: CodeBlock, message: string) => findings.push({ path: page.path, line: block.line, message })

  for (const block of codeBlocks(page.text)) {
    const above = examples.at(-1)
    if (MISSPELT.has(block.language)) {
      complain(block, `marked ${block.language}; mark it ts, so that it is compiled`)
    } else if (block.note === 'output') {
      if (above === undefined) complain(block, 'an output without an example above it')
      else examples[examples.length - 1] = { ...above, output: block.code }
    } else if (block.language === 'ts' && block.note === 'continues') {
      if (above === undefined) complain(block, 'continues nothing')
      else examples[examples.length - 1] = { ...above, code: appendAt(above.code, block) }
    } else if (block.language === 'ts') {
      examples.push({ page: page.path, line: block.line, code: appendAt('', block) })
    }
  }
  return { examples, findings }
}

/** Compiles all examples as one program under the project's own strictness. */
export function compileErrors(examples: readonly Example[]): readonly Finding[] {
  writeExamples(examples)
  const configPath = resolve(FOLDER, 'tsconfig.json')
  const config = ts.parseJsonConfigFileContent(
    ts.readConfigFile(configPath, ts.sys.readFile).config,
    ts.sys,
    resolve(FOLDER),
  )
  const program = ts.createProgram(
    examples.map((example) => fileOf(example)),
    config.options,
  )
  return [...config.errors, ...ts.getPreEmitDiagnostics(program)].map((diagnostic) => findingOf(diagnostic, examples))
}

/** Runs the examples that say what they print. Needs the files `compileErrors` has written. */
export function wrongOutputs(examples: readonly Example[]): readonly Finding[] {
  return examples.flatMap((example) => {
    if (example.output === undefined) return []
    const arguments_ = ['--import', 'tsx', fileOf(example)]
    const env = { ...process.env, TSX_TSCONFIG_PATH: join(FOLDER, 'tsconfig.json') }
    const { status, stdout, stderr } = spawnSync(process.execPath, arguments_, {
      encoding: 'utf8',
      env,
      timeout: 20_000,
    })
    const where = { path: example.page, line: example.line }
    if (status !== 0) return [{ ...where, message: `the example ended with ${status}:\n${stderr}` }]
    if (stdout.trim() === example.output.trim()) return []
    return [{ ...where, message: `the page says\n${example.output.trim()}\nbut the example printed\n${stdout.trim()}` }]
  })
}

function writeExamples(examples: readonly Example[]): void {
  rmSync(FOLDER, { recursive: true, force: true })
  mkdirSync(FOLDER, { recursive: true })
  const config = {
    extends: '../../tsconfig.json',
    compilerOptions: { moduleDetection: 'force', noUnusedLocals: false, noUnusedParameters: false },
    include: ['*.ts', '../../src'],
  }
  writeFileSync(join(FOLDER, 'tsconfig.json'), JSON.stringify(config))
  for (const example of examples) writeFileSync(fileOf(example), example.code)
}

function findingOf(diagnostic: ts.Diagnostic, examples: readonly Example[]): Finding {
  const message = ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n')
  if (diagnostic.file === undefined) return { path: join(FOLDER, 'tsconfig.json'), line: 1, message }
  const { fileName } = diagnostic.file
  const { line } = diagnostic.file.getLineAndCharacterOfPosition(diagnostic.start ?? 0)
  const page = examples.find((example) => fileOf(example) === resolve(fileName))?.page
  return { path: page ?? fileName, line: line + 1, message }
}

function fileOf({ page, line }: Example): string {
  return resolve(FOLDER, `${page.replace(/\.md$/, '').replaceAll('/', '.')}.${line}.ts`)
}

/** `code` with `block` added on the lines it has in its page. */
function appendAt(code: string, block: CodeBlock): string {
  const used = code === '' ? 0 : code.split('\n').length
  return `${code}${'\n'.repeat(block.line - Math.max(used, 1))}${block.code}`
}
