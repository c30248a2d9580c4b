import { alignedColumns } from './aligned-columns.js'
import type { PlainRoute } from './plain-route.js'
import type { RouteDescription } from './route-table.js'

const HEADINGS = ['METHOD', 'PATH', 'WHO MAY CALL', 'HANDLER']

/** The mark of routes that no security decorator speaks of. */
const UNDECLARED = ' *'

/** The handler of routes that no controller has. */
export const BY_HAND = '-'

/** Routes as text for people: aligned columns, and a word about routes that nobody has decorated, or no controller has. */
export function routeListing(routes: readonly RouteDescription[], plain: readonly PlainRoute[] = []): string {
  const rows = routes.map(({ method, path, sentence, explicit, controller, handler }) => [
    method,
    path,
    `${sentence}${explicit ? '' : UNDECLARED}`,
    `${controller}.${handler}`,
  ])
  const plainRows = plain.map(({ method, path, sentence }) => [method, path, sentence, BY_HAND])
  const undeclared = routes.filter(({ explicit }) => !explicit).length
  const table = alignedColumns([HEADINGS, ...rows, ...plainRows])
  const remarks = [...(undeclared === 0 ? [] : [warning(undeclared)]), ...(plain.length === 0 ? [] : [remark(plain)])]
  return [table, ...(remarks.length === 0 ? [] : ['', ...remarks])].join('\n')
}

function warning(undeclared: number): string {
  const subject = undeclared === 1 ? '1 route has' : `${undeclared} routes have`
  return `* ${subject} no security decorator: the default holds. Where that is meant, say so with @Authenticated().`
}

function remark({ length }: readonly PlainRoute[]): string {
  const subject = length === 1 ? '1 route was' : `${length} routes were`
  return `${BY_HAND} ${subject} added to the router by hand; what such code asks for besides is not known here.`
}
