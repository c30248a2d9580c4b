import type { RouteDescription } from '../controllers/route-table.js'
import type { MatrixCaller } from './matrix-callers.js'

/** Options of the matrix that go by names. */
interface NamedOptions {
  readonly paths: Readonly<Record<string, unknown>>
  readonly overrides: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  readonly outOfReach: readonly string[]
}

/** Method and path pattern, as routes go by in options and rows. */
export function routeName({ method, path }: RouteDescription): `${string} ${string}` {
  return `${method} ${path}`
}

/**
 * A name that nobody has would silently change nothing.
 *
 * @throws {TypeError} for a route that isn't there, a caller that doesn't call, or one with the name of another.
 */
export function assertKnown(
  { paths, overrides, outOfReach }: NamedOptions,
  routes: readonly RouteDescription[],
  callers: readonly MatrixCaller[],
): void {
  const known: readonly string[] = routes.map(routeName)
  const names = callers.map(({ name }) => name)
  for (const route of [...Object.keys(paths), ...Object.keys(overrides), ...outOfReach]) {
    if (!known.includes(route)) throw new TypeError(`there is no route ${route}; there are ${known.join(', ')}`)
  }
  for (const name of Object.values(overrides).flatMap(Object.keys)) {
    if (!names.includes(name)) throw new TypeError(`there is no caller "${name}"; there are ${names.join('; ')}`)
  }
  const twice = names.find((name, position) => names.indexOf(name) !== position)
  if (twice !== undefined) throw new TypeError(`there is another caller "${twice}" already`)
}
