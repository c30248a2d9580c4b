import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import Router from '@koa/router'
import type { Container } from 'inversify'
import Koa from 'koa'
import { AuthClientSettings } from '../config/auth-client-settings.js'
import { alignedColumns } from '../controllers/aligned-columns.js'
import { type RouteDescription, RouteTable } from '../controllers/route-table.js'
import type { AuthTestKit } from './auth-test-kit.js'
import { assertKnownOptions } from './known-options.js'
import { matrixCallers, ownCaller } from './matrix-callers.js'
import { expectedOutcomes, type MatrixOutcome } from './matrix-expectation.js'
import { installedKit, issuerOf } from './matrix-kit.js'
import { assertKnown, routeName } from './matrix-names.js'
import { pathTo } from './matrix-paths.js'
import { type Presence, presence } from './matrix-presence.js'
import { assertInReach } from './matrix-reach.js'
import { MatrixStop } from './matrix-stop.js'
import type { TestClaims } from './test-claims.js'

/** What the matrix can't know by itself. */
export interface AuthorizationMatrixOptions {
  /**
   * Whose tokens the application accepts: `kit.install(container)` comes first. Default: one that fits the settings of
   * the container, installed in it.
   */
  readonly kit?: AuthTestKit
  /** Paths to ask for, by route: `{ 'GET /orders/:id': '/orders/42' }`. Parameters that are not told are `1`. */
  readonly paths?: Readonly<Record<string, string>>
  /** What every token says besides what the settings ask for: claims that policies or a `RoleResolver` need. */
  readonly claims?: TestClaims
  /** Callers of your own, by name: holders of valid tokens with these claims, `roles` where the application looks for them. */
  readonly callers?: Readonly<Record<string, TestClaims>>
  /** What is expected instead of what the rule says, by route and caller, where policies or middleware decide. */
  readonly overrides?: Readonly<Record<string, Readonly<Record<string, MatrixOutcome>>>>
  /** Routes that ask for what nobody has, where that is meant: `['GET /orders/archive']`. */
  readonly outOfReach?: readonly string[]
}

const OPTIONS = ['kit', 'paths', 'claims', 'callers', 'overrides', 'outOfReach'] as const

/** One caller at one route. */
export interface MatrixRow {
  /** Method and path pattern. */
  readonly route: string
  readonly caller: string
  /** What the compiled rule says; several where policies decide. */
  readonly expected: readonly MatrixOutcome[]
  /**
   * What the running application did: let the request through to the handler, answered with a status, or let it
   * through to the handler of another route, whose method and path pattern it is then.
   */
  readonly actual: 'allowed' | number | `${string} ${string}`
  readonly isAsExpected: boolean
}

/** Every caller at every route. */
export interface AuthorizationMatrix {
  readonly rows: readonly MatrixRow[]
  /** Rows that are not as expected. */
  readonly failures: readonly MatrixRow[]
  /** @throws {Error} with a table of what is not as expected. */
  assertAsExpected(): void
}

/**
 * Calls every route as everybody who might get in where nobody should, and compares what the running application does
 * with what the rules in `RouteTable` say. Handlers don't run: each request ends right after the decision.
 *
 * Callers are nobody, holders of expired, forged and misdirected tokens, holders of nothing, of each single thing that
 * any route asks for, of all that a route asks for, and of all but one of it. Their tokens are made as the settings of
 * the container ask for.
 *
 * @param container with both modules loaded; its application must not have been built yet
 * @throws {AuthConfigurationError} when it has been.
 * @throws {TypeError} for an unknown option.
 * @throws {TypeError} when a rule can't be put to the test: no path leads to a route, no caller has what it asks for,
 * or the application refuses tokens that are meant to be good. The text says what to do.
 *
 * @example
 * ```ts
 * import type { Container } from 'inversify'
 * import { authorizationMatrix } from 'inversify-koa-auth/testing'
 *
 * export async function everyRouteHoldsItsRule(container: Container) {
 *   const matrix = await authorizationMatrix(container)
 *   matrix.assertAsExpected()
 * }
 * ```
 */
export async function authorizationMatrix(
  container: Container,
  options: AuthorizationMatrixOptions = {},
): Promise<AuthorizationMatrix> {
  assertKnownOptions('authorizationMatrix', options, OPTIONS)
  assertContainer(container)
  const { kit: given, paths = {}, claims = {}, callers = {}, overrides = {}, outOfReach = [] } = options
  const stop = MatrixStop.in(container)
  const { routes } = container.get(RouteTable)
  const callback = container.get<Koa>(Koa).callback()
  stop.assertInPlace(routes.length)
  const everybody = [...matrixCallers(routes), ...Object.entries(callers).map(ownCaller)]
  assertKnown({ paths, overrides, outOfReach }, routes, everybody)
  const router = container.get<Router>(Router)
  const ahead = (method: string, path: string) => stop.routeAhead(router, method, path)
  const targets = routes.map((route) => ({ route, path: pathTo(route, paths[routeName(route)], ahead) }))

  const kit = given ?? (await installedKit(container))
  const issuer = issuerOf(kit, container.get(AuthClientSettings))
  const present: Presence[] = []
  for (const caller of everybody) present.push(await presence(caller, container, { kit, issuer, claims }))
  const withinReach = routes.filter((route) => !outOfReach.includes(routeName(route)))
  for (const route of withinReach) assertInReach(route, { present, issuer })

  const server = createServer(callback).listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    const rows = await rowsOf(targets, present, { overrides, stop, server })
    return Object.freeze({ rows, failures: rows.filter(({ isAsExpected }) => !isAsExpected), assertAsExpected })
  } finally {
    server.close()
    server.closeAllConnections()
  }
}

/** A matrix as an aligned table, for people. */
export function describeMatrix({ rows }: Pick<AuthorizationMatrix, 'rows'>): string {
  const cells = rows.map(({ route, caller, expected, actual, isAsExpected }) => [
    isAsExpected ? '' : '!',
    route,
    caller,
    expected.join(' or '),
    String(actual),
  ])
  return alignedColumns([['', 'ROUTE', 'CALLER', 'EXPECTED', 'ACTUAL'], ...cells])
}

function assertAsExpected(this: AuthorizationMatrix): void {
  const { failures, rows } = this
  if (failures.length === 0) return
  throw new Error(
    `${failures.length} of ${rows.length} calls are not as expected:\n${describeMatrix({ rows: failures })}`,
  )
}

interface Target {
  readonly route: RouteDescription
  readonly path: string
}

interface Stage {
  readonly overrides: NonNullable<AuthorizationMatrixOptions['overrides']>
  readonly stop: MatrixStop
  readonly server: Server
}

async function rowsOf(
  targets: readonly Target[],
  present: readonly Presence[],
  { overrides, stop, server }: Stage,
): Promise<readonly MatrixRow[]> {
  const { port } = server.address() as AddressInfo
  const rows: MatrixRow[] = []
  for (const { route, path } of targets) {
    const name = routeName(route)
    for (const { caller, headers, principal } of present) {
      const init = { method: route.method, headers: { ...headers, ...stop.header }, redirect: 'manual' as const }
      const response = await fetch(`http://127.0.0.1:${port}${path}`, init)
      await response.arrayBuffer()
      const actual = outcome(response, stop.stoppedAt(response), route)
      const override = overrides[name]?.[caller.name]
      const expected = override === undefined ? expectedOutcomes(route.requirement, caller, principal) : [override]
      const isAsExpected = expected.some((each) => each === actual)
      rows.push(Object.freeze({ route: name, caller: caller.name, expected, actual, isAsExpected }))
    }
  }
  return Object.freeze(rows)
}

function outcome(
  { status }: Response,
  reached: RouteDescription | undefined,
  route: RouteDescription,
): MatrixRow['actual'] {
  if (reached === undefined) return status
  return reached === route ? 'allowed' : routeName(reached)
}

/** @throws {TypeError} for an application. */
function assertContainer(candidate: { readonly isBound?: unknown }): void {
  if (typeof candidate.isBound === 'function') return
  throw new TypeError(
    'authorizationMatrix takes the container, before container.get(Koa): once the application is built, nothing can be put between its guards and its handlers',
  )
}
