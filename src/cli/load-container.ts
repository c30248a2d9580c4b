import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { ServiceIdentifier } from 'inversify'
import { CommandError } from './command-error.js'
import { importModule, type ModuleExports } from './import-module.js'
import { loadFailure } from './load-failure.js'

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
 * @param module path of the file
 * @param exported the export's name; by default the first of `default`, `container` and `createContainer` that is a
 * container, or a function that may make one
 * @throws {CommandError} when there is no such file or export, it is no container, or the module fails.
 */
export async function loadContainer(
  module: string,
  exported: string | undefined,
  cwd: string,
): Promise<ApplicationContainer> {
  const file = resolve(cwd, module)
  assertFile(module, file)
  const exports = await importModule(module, file)
  const { name, value } = await chosenExport(module, exports, exported === undefined ? USUAL_EXPORTS : [exported])
  const container = typeof value === 'function' ? await outcome(module, value as () => unknown) : value
  if (!isContainer(container)) throw new CommandError(`${module}: ${name} is no container, and makes none`)
  return container
}

function assertFile(module: string, file: string): void {
  const found = statSync(file, { throwIfNoEntry: false })
  if (found === undefined) throw new CommandError(`${module}: there is no such file`)
  if (!found.isFile()) throw new CommandError(`${module}: it is no file; name the one in it that exports the container`)
}

interface Export {
  readonly name: string
  readonly value: unknown
}

/** The members of a CommonJS module may be in its default export alone. */
async function chosenExport(module: string, exports: ModuleExports, names: readonly string[]): Promise<Export> {
  const unfit: string[] = []
  for (const place of [exports, Object(exports['default'] ?? {}) as ModuleExports]) {
    for (const name of names.filter((each) => Object.hasOwn(place, each))) {
      const value = await outcome(module, () => place[name])
      if (isContainer(value) || (typeof value === 'function' && !isClass(value))) return { name, value }
      unfit.push(`${name} is ${isClass(value) ? 'a class' : 'no container'}`)
    }
  }
  if (unfit.length === 0) throw new CommandError(`${module}: it exports none of: ${names.join(', ')}`)
  throw new CommandError(`${module}: ${unfit.join(', ')}; export a container, or a function that makes one`)
}

/** What comes of the application's own code, now or later. */
async function outcome(module: string, work: () => unknown): Promise<unknown> {
  try {
    return await work()
  } catch (error) {
    throw loadFailure(module, error)
  }
}

function isClass(value: unknown): boolean {
  return typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value))
}

function isContainer(value: unknown): value is ApplicationContainer {
  const { get, isBound } = Object(value ?? {}) as Partial<Record<'get' | 'isBound', unknown>>
  return typeof get === 'function' && typeof isBound === 'function'
}
