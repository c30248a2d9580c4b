import type { PlainRoute } from '../../controllers/plain-route.js'
import { BY_HAND } from '../../controllers/route-listing.js'
import type { RouteDescription } from '../../controllers/route-table.js'

/** The routes for programs. Policies are their class names. */
export function asJson(routes: readonly RouteDescription[], plain: readonly PlainRoute[]): string {
  const controllers = routes.map(({ controllerClass: _class, ...route }) => route)
  const byHand = plain.map((route) => ({ ...route, controller: BY_HAND, handler: BY_HAND, explicit: false }))
  const all = [...controllers, ...byHand]
  return JSON.stringify(all, (_key, value: unknown) => (typeof value === 'function' ? value.name : value), 2)
}

/** The routes as a table for documents. */
export function asMarkdown(routes: readonly RouteDescription[], plain: readonly PlainRoute[]): string {
  const rows = routes.map(({ method, path, sentence, explicit, controller, handler }) =>
    row([method, code(path), `${cell(sentence)}${explicit ? '' : ' (default)'}`, code(`${controller}.${handler}`)]),
  )
  const byHand = plain.map(({ method, path, sentence }) => row([method, code(path), cell(sentence), BY_HAND]))
  const head = [row(['method', 'path', 'who may call', 'handler']), row(['---', '---', '---', '---'])]
  return [...head, ...rows, ...byHand].join('\n')
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}

function code(text: string): string {
  return `\`${cell(text)}\``
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}
