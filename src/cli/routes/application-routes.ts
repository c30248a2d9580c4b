import { type RouteDescription, SHARED_ROUTE_TABLE } from '../../controllers/route-table.js'
import { CommandError } from '../command-error.js'
import { loadContainer } from '../load-container.js'

/**
 * Every route of the application whose container a module exports.
 *
 * @throws {CommandError} when there is no container, or no `KoaModule` is loaded into it.
 */
export async function applicationRoutes(
  module: string,
  exported: string | undefined,
  cwd: string,
): Promise<readonly RouteDescription[]> {
  const container = await loadContainer(module, exported, cwd)
  if (container.isBound(SHARED_ROUTE_TABLE)) return container.get(SHARED_ROUTE_TABLE).routes
  throw new CommandError(`${module}: its container has no routes; load KoaModule into it`)
}
