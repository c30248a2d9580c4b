import { AuthClientSettings } from '../../config/auth-client-settings.js'
import type { PlainRoute } from '../../controllers/plain-route.js'
import { routeListing } from '../../controllers/route-listing.js'
import type { RouteDescription } from '../../controllers/route-table.js'
import { containersPlainRoutes, containersRoutes } from '../application.js'
import { type CommandIo, EXIT } from '../command-io.js'
import { type ApplicationContainer, loadContainer } from '../load-container.js'
import { differences } from './lock-differences.js'
import { asJson, asMarkdown } from './route-formats.js'
import { type RouteLock, readLock, routeLock, writeLock } from './route-lock.js'

/** What was asked for besides the module. */
export interface RoutesOptions {
  readonly export?: string
  readonly json?: boolean
  readonly markdown?: boolean
  readonly lock?: string
  readonly check?: boolean
  readonly explicit?: boolean
}

const LOCK_FILE = 'authz.lock.json'

/**
 * Prints the routes of an application, writes them to a lock file, or compares them with one.
 *
 * @returns the exit code
 * @throws {CommandError} when there are no routes to be had, or the lock file can't be read or written.
 */
export async function routes(module: string, options: RoutesOptions, io: CommandIo): Promise<number> {
  const container = await loadContainer(module, options.export, io.cwd)
  const found = containersRoutes(module, container)
  const plain = containersPlainRoutes(module, container)
  const open = unenforced(container, options, io)
  const file = options.lock ?? LOCK_FILE
  const lock = routeLock(found, plain)
  if (options.check === true) {
    const changes = differences(readLock(file, io.cwd), lock)
    io.out(changes.length === 0 ? `${file} is up to date: ${count(lock)}.` : outOfDate(file, module, changes))
    return Math.max(changes.length === 0 ? EXIT.ok : EXIT.findings, undeclared(found, options, io), open)
  }
  if (options.lock === undefined) io.out(formatted(found, plain, options))
  else {
    writeLock(file, lock, io.cwd)
    io.out(`${file}: ${count(lock)}.`)
  }
  return undeclared(found, options, io)
}

/** Rules that nobody holds callers to are none. */
function unenforced(container: ApplicationContainer, { check }: RoutesOptions, io: CommandIo): number {
  const isEnforced = !container.isBound(AuthClientSettings) || container.get(AuthClientSettings).enabled
  if (isEnforced) return EXIT.ok
  io.err('auth_client.enabled is false: every route is open and nothing of this is enforced.')
  return check === true ? EXIT.findings : EXIT.ok
}

function formatted(
  found: readonly RouteDescription[],
  plain: readonly PlainRoute[],
  { json, markdown }: RoutesOptions,
): string {
  if (json === true) return asJson(found, plain)
  return markdown === true ? asMarkdown(found, plain) : routeListing(found, plain)
}

function outOfDate(file: string, module: string, changes: readonly string[]): string {
  const how = `If that is meant: inversify-koa-auth routes ${module} --lock ${file}`
  return [`${file} says otherwise:`, '', ...changes, '', how].join('\n')
}

/** A route that was added by hand has no place for a decorator. */
function undeclared(found: readonly RouteDescription[], { explicit }: RoutesOptions, io: CommandIo): number {
  const routes = explicit === true ? found.filter((route) => !route.explicit) : []
  if (routes.length === 0) return EXIT.ok
  const lines = routes.map(({ method, path, controller, handler }) => `  ${method} ${path} (${controller}.${handler})`)
  io.err(['Without a security decorator:', ...lines].join('\n'))
  return EXIT.findings
}

function count(lock: RouteLock): string {
  const { length } = Object.keys(lock)
  return `${length} ${length === 1 ? 'route' : 'routes'}`
}
