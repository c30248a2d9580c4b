import type { RouteDescription } from '../controllers/route-table.js'
import { type PathTemplate, pathTemplates } from '../openapi/path-templates.js'
import { routeName } from './matrix-names.js'

/** The controller route that a request comes to first. */
export type RouteAhead = (method: string, path: string) => RouteDescription | undefined

/** What parameters and wildcards are filled in with, the likeliest first. Routes beside this one may have taken it. */
const FILLINGS = [
  { parameter: '1', wildcard: '1/2' },
  { parameter: 'authorization-matrix', wildcard: 'authorization-matrix/1' },
  { parameter: '2', wildcard: '1/2/3' },
  { parameter: '1', wildcard: '1' },
]

/**
 * A path that leads to a route and not to another one beside it.
 *
 * @param told the path that the matrix was told to ask for. Something in front of the router may change it, so it only
 * has to lead to no other route.
 * @throws {TypeError} when there is none.
 */
export function pathTo(route: RouteDescription, told: string | undefined, ahead: RouteAhead): string {
  const paths = told === undefined ? fillings(route.path) : [told]
  const routes = paths.map((path) => ahead(route.method, new URL(`http://localhost${path}`).pathname))
  const rivals = [...new Set(routes.filter((each) => each !== undefined))]
  const path = paths[routes.indexOf(route)] ?? (rivals.length === 0 ? told : undefined)
  if (path !== undefined) return path
  const name = routeName(route)
  const lead = paths.length === 1 ? 'leads' : 'lead'
  const elsewhere = rivals.length === 0 ? 'no route' : rivals.map(routeName).join(', ')
  throw new TypeError(
    `no path was found that leads to ${name}: ${paths.join(', ')} ${lead} to ${elsewhere}. Name one: { paths: { '${name}': '/…' } }. If there is none, nobody can call the route where it is declared now`,
  )
}

/** Without its optional parts first. */
function fillings(pattern: string): readonly string[] {
  const templates = pathTemplates(pattern)
  const paths = templates.flatMap((template) => FILLINGS.map((filling) => filledIn(template, filling)))
  return [...new Set(paths)]
}

function filledIn({ path, parameters }: PathTemplate, { parameter, wildcard }: (typeof FILLINGS)[number]): string {
  return parameters.reduce(
    (filled, { name, isWildcard }) => filled.replace(`{${name}}`, () => (isWildcard ? wildcard : parameter)),
    path,
  )
}
