import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { ServiceIdentifier } from 'inversify'
import { AuthClientSettings } from '../config/auth-client-settings.js'
import { loadSettings } from '../config/load-settings.js'
import { type PlainRoute, SHARED_PLAIN_ROUTES } from '../controllers/plain-route.js'
import { type RouteDescription, SHARED_ROUTE_TABLE } from '../controllers/route-table.js'
import { CommandError } from './command-error.js'
import type { CommandIo } from './command-io.js'
import { type ApplicationContainer, loadContainer } from './load-container.js'

/** Where a command finds an application, or at least its settings. */
export interface SettingsOptions {
  readonly module?: string
  readonly export?: string
  readonly config?: readonly string[]
}

/** As much of an application as can be had. */
export interface Application {
  readonly settings: AuthClientSettings
  /** @throws {CommandError} without a module, or when no `KoaModule` is loaded into its container. */
  routes(): readonly RouteDescription[]
  /** What the container has bound; `undefined` without a container, and for what isn't bound there. */
  service<Service>(identifier: ServiceIdentifier<Service>): Promise<Service | undefined>
}

/**
 * An application: the container of a module where one is named, otherwise the settings that `AuthModule` would read from
 * the environment and from files.
 *
 * @throws {CommandError} when the module's container has no settings, and for an export without a module.
 * @throws {AuthConfigurationError} naming every problem there is.
 */
export async function application(options: SettingsOptions, io: CommandIo): Promise<Application> {
  const { module, config } = options
  if (module !== undefined) return containersApplication(module, await loadContainer(module, options.export, io.cwd))
  if (options.export !== undefined) throw new CommandError('--export is about a file: name that as well, with --module')
  return {
    settings: loadSettings({ env: io.env, configFiles: configFiles(config, io.cwd) }),
    routes: () => {
      throw new CommandError('for routes, name the file that exports the container: --module')
    },
    service: async () => undefined,
  }
}

function containersApplication(module: string, container: ApplicationContainer): Application {
  if (!container.isBound(AuthClientSettings)) {
    throw new CommandError(`${module}: its container has no settings; load AuthModule into it`)
  }
  return {
    settings: container.get(AuthClientSettings),
    routes: () => containersRoutes(module, container),
    service: async (identifier) => (container.isBound(identifier) ? container.getAsync(identifier) : undefined),
  }
}

/** @throws {CommandError} when no `KoaModule` is loaded into the container. */
export function containersRoutes(module: string, container: ApplicationContainer): readonly RouteDescription[] {
  if (container.isBound(SHARED_ROUTE_TABLE)) return container.get(SHARED_ROUTE_TABLE).routes
  throw new CommandError(`${module}: its container has no routes; load KoaModule into it`)
}

/**
 * The routes that have been added to the container's router by hand. It is resolved for that only where the application
 * has done so as well, or brings a router of its own.
 *
 * @throws {CommandError} when the router can't be resolved.
 */
export function containersPlainRoutes(module: string, container: ApplicationContainer): readonly PlainRoute[] {
  if (!container.isBound(SHARED_PLAIN_ROUTES)) return []
  try {
    return container.get(SHARED_PLAIN_ROUTES)
  } catch (cause) {
    throw new CommandError(`${module}: its Router can't be resolved: ${(cause as Error).message}`, { cause })
  }
}

/** The files named, or the one that is read when none is, as seen from a directory. */
function configFiles(names: readonly string[] | undefined, cwd: string): readonly string[] {
  if (names !== undefined) return names.map((name) => resolve(cwd, name))
  const usual = resolve(cwd, 'application.yaml')
  return existsSync(usual) ? [usual] : []
}
