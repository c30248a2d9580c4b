import { alignedColumns } from './aligned-columns.js'
import type { RouteDescription } from './route-table.js'

const HEADINGS = ['METHOD', 'PATH', 'WHO MAY CALL', 'HANDLER']

/** The mark of routes that no security decorator speaks of. */
const UNDECLARED = ' *'

/** Routes as text for people: aligned columns, and a word about routes that nobody has decorated. */
export function routeListing(routes: readonly RouteDescription[]): string {
  const rows = routes.map(({ method, path, sentence, explicit, controller, handler }) => [
    method,
    path,
    `${sentence}${explicit ? '' : UNDECLARED}`,
    `${controller}.${handler}`,
  ])
  const undeclared = routes.filter(({ explicit }) => !explicit).length
  return [alignedColumns([HEADINGS, ...rows]), ...(undeclared === 0 ? [] : ['', warning(undeclared)])].join('\n')
}

function warning(undeclared: number): string {
  const subject = undeclared === 1 ? '1 route has' : `${undeclared} routes have`
  return `* ${subject} no security decorator: the default holds. Where that is meant, say so with @Authenticated().`
}
