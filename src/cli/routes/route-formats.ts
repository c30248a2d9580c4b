import type { RouteDescription } from '../../controllers/route-table.js'

/** The routes for programs. Policies are their class names. */
export function asJson(routes: readonly RouteDescription[]): string {
  const plain = routes.map(({ controllerClass: _class, ...route }) => route)
  return JSON.stringify(plain, (_key, value: unknown) => (typeof value === 'function' ? value.name : value), 2)
}

/** The routes as a table for documents. */
export function asMarkdown(routes: readonly RouteDescription[]): string {
  const rows = routes.map(({ method, path, sentence, explicit, controller, handler }) =>
    row([method, code(path), `${cell(sentence)}${explicit ? '' : ' (default)'}`, code(`${controller}.${handler}`)]),
  )
  return [row(['method', 'path', 'who may call', 'handler']), row(['---', '---', '---', '---']), ...rows].join('\n')
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
