import { posix } from 'node:path'
import ts from 'typescript'

/** The folders of `src`: the stages of a request, in order. Imports point up this list only. */
const STAGES = [
  'errors',
  'events',
  'config',
  'tokens',
  'keys',
  'authentication',
  'authorization',
  'context',
  'controllers',
  'http',
  'session',
  'service-tokens',
  'openapi',
  'testing',
  'cli',
]

/** Folders that are entry points of their own; the main entry must not pull them in. */
const SEPARATE_ENTRIES = ['session', 'testing', 'cli']

const KOA_STAGES = ['controllers', 'http', 'session', 'openapi', 'testing']
const INVERSIFY_STAGES = ['controllers', 'http', 'openapi', 'testing']
const LONGEST_FILE = 250

interface Import {
  readonly specifier: string
  readonly line: number
  /** The names taken, when all of them are types; empty otherwise. */
  readonly typeNames: readonly string[]
}

/**
 * What the files of `src` do against the rule of their folders, one sentence each.
 *
 * @param sources the text of each file by its path, as in `src/errors/auth-error.ts`
 */
export function architectureViolations(sources: ReadonlyMap<string, string>): readonly string[] {
  return [...sources].flatMap(([path, text]) => {
    const file = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true)
    return [
      ...unknownPlace(path),
      ...tooLong(path, text),
      ...importsOf(file).flatMap((found) => forbiddenImport(path, found)),
      ...defaultExports(file),
      ...(path === 'src/index.ts' ? otherThanNamedReExports(file) : []),
    ]
  })
}

function unknownPlace(path: string): readonly string[] {
  if (path === 'src/index.ts' || (STAGES.includes(stageOf(path)) && path.split('/').length > 2)) return []
  return [`${path} is in no folder of the list`]
}

function tooLong(path: string, text: string): readonly string[] {
  const lines = text.trimEnd().split('\n').length
  return lines > LONGEST_FILE ? [`${path} has ${lines} lines, more than ${LONGEST_FILE}`] : []
}

function forbiddenImport(path: string, { specifier, line, typeNames }: Import): readonly string[] {
  const here = `${path}:${line}`
  const stage = stageOf(path)

  if (specifier.startsWith('.')) {
    const target = stageOf(posix.join(posix.dirname(path), specifier).replace(/\.js$/, '.ts'))
    if (path === 'src/index.ts' && SEPARATE_ENTRIES.includes(target)) {
      return [`${here} imports ${target}, an entry point of its own`]
    }
    return rank(target) > rank(stage) ? [`${here} imports ${target}, a later stage than ${stage}`] : []
  }
  if (packageOf(specifier) === 'inversify-koa-auth') return [`${here} imports the package by its own name`]
  if (isKoa(specifier) && !KOA_STAGES.includes(stage)) return [`${here} imports ${specifier} in ${stage}`]
  if (packageOf(specifier) === 'inversify' && !mayUseInversify(path, typeNames)) {
    return [`${here} imports inversify in ${stage}, outside a module`]
  }
  if (packageOf(specifier) === 'node-forge' && stage !== 'testing') {
    return [`${here} imports node-forge outside testing`]
  }
  return []
}

function isKoa(specifier: string): boolean {
  return /^(koa|koa-[\w-]+|co-body|@koa\/[\w-]+)$/.test(packageOf(specifier))
}

/** Extension points declare their identifiers, so the type of an identifier is welcome anywhere. */
function mayUseInversify(path: string, typeNames: readonly string[]): boolean {
  if (INVERSIFY_STAGES.includes(stageOf(path)) || path.endsWith('-module.ts')) return true
  return typeNames.length > 0 && typeNames.every((name) => name === 'ServiceIdentifier')
}

function importsOf(file: ts.SourceFile): readonly Import[] {
  const found: Import[] = []
  const add = (node: ts.Node, specifier: ts.Node | undefined, typeNames: readonly string[] = []) => {
    if (specifier !== undefined && ts.isStringLiteralLike(specifier)) {
      found.push({ specifier: specifier.text, line: lineOf(file, node), typeNames })
    }
  }
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node, node.moduleSpecifier, typeNamesOf(node))
    else if (ts.isExportDeclaration(node)) add(node, node.moduleSpecifier)
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node, node.argument.literal)
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node, node.arguments[0])
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  return found
}

function typeNamesOf({ importClause }: ts.ImportDeclaration): readonly string[] {
  const bindings = importClause?.namedBindings
  if (importClause === undefined || importClause.name !== undefined) return []
  if (bindings === undefined || !ts.isNamedImports(bindings)) return []
  const isTypes = importClause.phaseModifier === ts.SyntaxKind.TypeKeyword
  if (!isTypes && !bindings.elements.every((element) => element.isTypeOnly)) return []
  return bindings.elements.map(({ name, propertyName }) => (propertyName ?? name).text)
}

function defaultExports(file: ts.SourceFile): readonly string[] {
  return file.statements
    .filter((statement) => isDefaultExport(statement))
    .map((statement) => `${file.fileName}:${lineOf(file, statement)} has a default export`)
}

function isDefaultExport(statement: ts.Statement): boolean {
  if (ts.isExportAssignment(statement)) return true
  if (ts.isExportDeclaration(statement)) {
    const clause = statement.exportClause
    return (
      clause !== undefined && ts.isNamedExports(clause) && clause.elements.some(({ name }) => name.text === 'default')
    )
  }
  return (
    ts.canHaveModifiers(statement) &&
    (ts.getModifiers(statement) ?? []).some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword)
  )
}

function otherThanNamedReExports(file: ts.SourceFile): readonly string[] {
  return file.statements
    .filter((statement) => !isNamedReExport(statement))
    .map((statement) => `${file.fileName}:${lineOf(file, statement)} is not a re-export by name`)
}

function isNamedReExport(statement: ts.Statement): boolean {
  return (
    ts.isExportDeclaration(statement) &&
    statement.moduleSpecifier !== undefined &&
    statement.exportClause !== undefined &&
    ts.isNamedExports(statement.exportClause)
  )
}

/** The folder under `src`, or the file's name right under it: `src/index.ts` is of stage `index.ts`. */
function stageOf(path: string): string {
  return path.split('/')[1] ?? ''
}

function rank(stage: string): number {
  const at = STAGES.indexOf(stage)
  return at === -1 ? STAGES.length : at
}

function packageOf(specifier: string): string {
  const parts = specifier.split('/')
  return parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/')
}

function lineOf(file: ts.SourceFile, node: ts.Node): number {
  return file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1
}
