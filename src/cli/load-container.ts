import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { extname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { ServiceIdentifier } from 'inversify'
import { CommandError } from './command-error.js'

/** As much of a container as is needed here. The application may use another copy of InversifyJS than we do. */
export interface ApplicationContainer {
  isBound(identifier: ServiceIdentifier): boolean
  get<Service>(identifier: ServiceIdentifier<Service>): Service
  getAsync<Service>(identifier: ServiceIdentifier<Service>): Promise<Service>
}

/** Where a container is looked for when nobody says where. */
const USUAL_EXPORTS = ['default', 'container', 'createContainer']

/**
 * The container that a module exports, or that a function it exports makes.
 *
 * TypeScript is understood where `tsx` is installed beside the module, or Node.js has been told how to load it.
 *
 * @param module path of the file
 * @param exported the export's name; by default `default`, `container` or `createContainer`
 * @throws {CommandError} when there is no such file or export, or it is no container.
 */
export async function loadContainer(
  module: string,
  exported: string | undefined,
  cwd: string,
): Promise<ApplicationContainer> {
  const file = resolve(cwd, module)
  if (!existsSync(file)) throw new CommandError(`${module}: there is no such file`)
  await understandTypeScript(file)
  const exports = await importModule(module, file)
  const name = [exported ?? USUAL_EXPORTS].flat().find((each) => Object.hasOwn(exports, each))
  if (name === undefined) {
    const names = exported === undefined ? USUAL_EXPORTS.join(', ') : exported
    throw new CommandError(`${module}: it exports none of: ${names}`)
  }
  const candidate = exports[name]
  const container: unknown = typeof candidate === 'function' ? await candidate() : await candidate
  if (!isContainer(container)) throw new CommandError(`${module}: ${name} is no container, and makes none`)
  return container
}

async function importModule(module: string, file: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return await import(pathToFileURL(file).href)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_UNKNOWN_FILE_EXTENSION') throw error
    const message = `${module}: Node.js can't load TypeScript with decorators by itself; install tsx, or give the compiled file`
    throw new CommandError(message, { cause: error })
  }
}

async function understandTypeScript(file: string): Promise<void> {
  if (!/^\.[cm]?tsx?$/.test(extname(file)) || isTsxAtWork()) return
  const manifest = resolved(file, 'tsx/package.json')
  if (manifest === undefined) return
  // What require resolves to is tsx's CommonJS, which registers nothing for import.
  const entry = new URL('dist/esm/api/index.mjs', pathToFileURL(manifest))
  const { register } = (await import(entry.href)) as { readonly register: () => unknown }
  register()
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

function isContainer(value: unknown): value is ApplicationContainer {
  const { get, isBound } = Object(value ?? {}) as Partial<Record<'get' | 'isBound', unknown>>
  return typeof get === 'function' && typeof isBound === 'function'
}
