import { createRequire } from 'node:module'
import { extname } from 'node:path'
import { pathToFileURL } from 'node:url'
import { loadFailure } from './load-failure.js'

/** What a module exports, by name. */
export type ModuleExports = Readonly<Record<string, unknown>>

/** Node.js may know how to leave types out, but not what becomes of decorators, of enums, or of `./x.js` for `x.ts`. */
const TYPESCRIPT_HINT =
  "Node.js can't load TypeScript with decorators by itself: install tsx beside the module, or name the compiled file."

/**
 * Loads a module. TypeScript is understood where `tsx` is installed beside it, or Node.js has been told how to load it.
 *
 * @param module what to call it
 * @param file its absolute path
 * @throws {CommandError} saying why it can't be loaded.
 */
export async function importModule(module: string, file: string): Promise<ModuleExports> {
  let isUnderstood = true
  try {
    isUnderstood = await understandTypeScript(file)
    return await import(pathToFileURL(file).href)
  } catch (error) {
    throw loadFailure(module, error, isUnderstood || !isLoadersError(error) ? undefined : TYPESCRIPT_HINT)
  }
}

/** Whether everything in the file will be: it is no TypeScript, or `tsx` is there. */
async function understandTypeScript(file: string): Promise<boolean> {
  if (!/^\.[cm]?tsx?$/.test(extname(file)) || isTsxAtWork()) return true
  const manifest = resolved(file, 'tsx/package.json')
  if (manifest === undefined) return false
  // What require resolves to is tsx's CommonJS, which registers nothing for import.
  const entry = new URL('dist/esm/api/index.mjs', pathToFileURL(manifest))
  const { register } = (await import(entry.href)) as { readonly register: () => unknown }
  register()
  return true
}

/** Twice would be once too often. */
function isTsxAtWork(): boolean {
  return [...process.execArgv, process.env['NODE_OPTIONS'] ?? ''].some((option) => option.includes('tsx'))
}

/** Where a file of a package is, as seen from another file; `undefined` where it isn't installed. */
function resolved(from: string, specifier: string): string | undefined {
  try {
    return createRequire(from).resolve(specifier)
  } catch {
    return undefined
  }
}

/** Whether the module was not understood or not found, rather than at fault itself. */
function isLoadersError(error: unknown): boolean {
  const { code = '' } = Object(error ?? {}) as NodeJS.ErrnoException
  return error instanceof SyntaxError || /^ERR_(MODULE_NOT_FOUND|UNKNOWN_FILE_EXTENSION|UNSUPPORTED_)/.test(code)
}
