import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { AuthClientSettings } from '../config/auth-client-settings.js'
import { loadSettings } from '../config/load-settings.js'
import { CommandError } from './command-error.js'
import type { CommandIo } from './command-io.js'
import { loadContainer } from './load-container.js'

/** Where a command finds the settings of an application. */
export interface SettingsOptions {
  readonly module?: string
  readonly export?: string
  readonly config?: readonly string[]
}

/**
 * The settings of an application: those of its container where a module is named, otherwise what `AuthModule` would
 * read from the environment and from files.
 *
 * @throws {CommandError} when the module's container has none.
 * @throws {AuthConfigurationError} naming every problem there is.
 */
export async function applicationSettings(options: SettingsOptions, io: CommandIo): Promise<AuthClientSettings> {
  const { module, config } = options
  if (module === undefined) return loadSettings({ env: io.env, configFiles: configFiles(config, io.cwd) })
  const container = await loadContainer(module, options.export, io.cwd)
  if (!container.isBound(AuthClientSettings)) {
    throw new CommandError(`${module}: no AuthModule is loaded into its container`)
  }
  return container.get(AuthClientSettings)
}

/** The files named, or the one that is read when none is, as seen from a directory. */
function configFiles(names: readonly string[] | undefined, cwd: string): readonly string[] {
  if (names !== undefined) return names.map((name) => resolve(cwd, name))
  const usual = resolve(cwd, 'application.yaml')
  return existsSync(usual) ? [usual] : []
}
