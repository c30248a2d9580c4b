import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Container } from 'inversify'
import Koa from 'koa'
import { TokenValidator } from '../authentication/token-validator.js'
import type { Principal } from '../authorization/principal.js'
import { AuthClientSettings } from '../config/auth-client-settings.js'
import { alignedColumns } from '../controllers/aligned-columns.js'
import { type RouteDescription, RouteTable } from '../controllers/route-table.js'
import { Principals } from '../http/principals.js'
import type { AuthTestKit } from './auth-test-kit.js'
import { generateSigningKeyPair } from './generate-signing-key-pair.js'
import { assertKnownOptions } from './known-options.js'
import { type Holdings, type MatrixCaller, matrixCallers, ownCaller } from './matrix-callers.js'
import { expectedOutcomes, type MatrixOutcome } from './matrix-expectation.js'
import { assertKnown } from './matrix-names.js'
import { MatrixStop } from './matrix-stop.js'
import type { TestClaims } from './test-claims.js'

/** What the matrix can't know by itself. */
export interface AuthorizationMatrixOptions {
  /** Whose tokens the application accepts: `kit.install(container)` comes first. */
  readonly kit: AuthTestKit
  /** Paths to ask for, by route: `{ 'GET /orders/:id': '/orders/42' }`. Parameters that are not told are `1`. */
  readonly paths?: Readonly<Record<string, string>>
  /** Callers of your own, by name: holders of valid tokens with these claims. */
  readonly callers?: Readonly<Record<string, TestClaims>>
  /** What is expected instead of what the rule says, by route and caller, where policies or middleware decide. */
  readonly overrides?: Readonly<Record<string, Readonly<Record<string, MatrixOutcome>>>>
}

/** One caller at one route. */
export interface MatrixRow {
  /** Method and path pattern. */
  readonly route: string
  readonly caller: string
  /** What the compiled rule says; several where policies decide. */
  readonly expected: readonly MatrixOutcome[]
  /** What the running application did: let the request through to the handler, or answered with a status. */
  readonly actual: 'allowed' | number
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
 * any route asks for, of all that a route asks for, and of all but one of it.
 *
 * @param container with both modules loaded; its application must not have been built yet
 * @throws {AuthConfigurationError} when it has been.
 * @throws {TypeError} for an unknown option.
 *
 * @example
 * ```ts
 * import type { Container } from 'inversify'
 * import { authorizationMatrix, type AuthTestKit } from 'inversify-koa-auth/testing'
 *
 * export async function everyRouteHoldsItsRule(container: Container, kit: AuthTestKit) {
 *   const matrix = await authorizationMatrix(container, { kit })
 *   matrix.assertAsExpected()
 * }
 * ```
 */
export async function authorizationMatrix(
  container: Container,
  options: AuthorizationMatrixOptions,
): Promise<AuthorizationMatrix> {
  assertKnownOptions('authorizationMatrix', options, ['kit', 'paths', 'callers', 'overrides'])
  const { kit, paths = {}, callers = {}, overrides = {} } = options
  const stop = MatrixStop.in(container)
  const { routes } = container.get(RouteTable)
  const callback = container.get<Koa>(Koa).callback()
  stop.assertInPlace(routes.length)
  const server = createServer(callback).listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    const everybody = [...matrixCallers(routes), ...Object.entries(callers).map(ownCaller)]
    assertKnown({ paths, overrides }, routes, everybody)
    const rows = await rowsOf(routes, everybody, { container, kit, paths, overrides, stop, server })
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

interface Stage {
  readonly container: Container
  readonly kit: AuthTestKit
  readonly paths: Readonly<Record<string, string>>
  readonly overrides: NonNullable<AuthorizationMatrixOptions['overrides']>
  readonly stop: MatrixStop
  readonly server: Server
}

async function rowsOf(
  routes: readonly RouteDescription[],
  everybody: readonly MatrixCaller[],
  stage: Stage,
): Promise<readonly MatrixRow[]> {
  const callers = await Promise.all(everybody.map((caller) => prepared(caller, stage)))
  const { port } = stage.server.address() as AddressInfo
  const rows: MatrixRow[] = []
  for (const { method, path, requirement } of routes) {
    const route = `${method} ${path}`
    const url = `http://127.0.0.1:${port}${stage.paths[route] ?? filledIn(path)}`
    for (const { caller, headers, principal } of callers) {
      const init = { method, headers: { ...headers, ...stage.stop.header }, redirect: 'manual' as const }
      const response = await fetch(url, init)
      await response.arrayBuffer()
      const actual = stage.stop.hasStopped(response) ? 'allowed' : response.status
      const override = stage.overrides[route]?.[caller.name]
      const expected = override === undefined ? expectedOutcomes(requirement, caller, principal) : [override]
      const isAsExpected = expected.some((outcome) => outcome === actual)
      rows.push(Object.freeze({ route, caller: caller.name, expected, actual, isAsExpected }))
    }
  }
  return Object.freeze(rows)
}

interface Prepared {
  readonly caller: MatrixCaller
  readonly headers: Readonly<Record<string, string>>
  readonly principal: Principal | undefined
}

async function prepared(caller: MatrixCaller, { container, kit }: Stage): Promise<Prepared> {
  if (caller.token === 'none') return { caller, headers: {}, principal: undefined }
  const settings = container.get<AuthClientSettings>(AuthClientSettings)
  const token = await tokenOf(caller, kit, settings)
  const agent = caller.agentScopes && (await kit.makeAgentToken({ scopes: [...caller.agentScopes] }))
  const headers = {
    authorization: `Bearer ${token}`,
    ...(agent === undefined ? {} : { 'x-agent-authorization': `Bearer ${agent}` }),
  }
  const principal = caller.token === 'valid' ? await principalFrom(token, container) : undefined
  return { caller, headers, principal }
}

async function tokenOf(
  { token, holdings, claims: own }: MatrixCaller,
  kit: AuthTestKit,
  settings: AuthClientSettings,
): Promise<string> {
  const claims = own ?? claimsOf(holdings, settings)
  switch (token) {
    case 'expired':
      return kit.makeToken(claims, { expiresIn: -3600 })
    case 'wrong audience':
      return kit.makeToken({ ...claims, aud: 'https://elsewhere.invalid' })
    case 'forged':
      return kit.makeToken(claims, { key: await generateSigningKeyPair(kit.keyPair.algorithm) })
    default:
      return kit.makeToken(claims)
  }
}

function claimsOf(held: Holdings, { groupClaims, scopeClaims, permissionClaims }: AuthClientSettings): TestClaims {
  return {
    sub: 'authorization-matrix',
    roles: held.role,
    [groupClaims[0] ?? 'groups']: held.group,
    [scopeClaims[0] ?? 'scope']: held.scope.join(' '),
    [permissionClaims[0] ?? 'permissions']: held.permission,
  }
}

/** Who the application's own resolver and hierarchy make of a token. */
async function principalFrom(token: string, container: Container): Promise<Principal> {
  return container.get(Principals).of(await container.get(TokenValidator).validate(token))
}

/** A path that the pattern matches: parameters are `1`, what is optional is left out. */
function filledIn(pattern: string): string {
  return pattern.replace(/\{[^{}]*\}/g, '').replace(/[:*]("[^"]+"|\w+)/g, '1')
}
