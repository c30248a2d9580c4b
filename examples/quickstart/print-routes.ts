import { RouteTable } from 'inversify-koa-auth'
import type { Demo } from './demo.js'
import { formatTable } from './format-table.js'

/** Every route and who may call it, read from the rules the application enforces. */
export function printRoutes(demo: Demo, print: (text: string) => void): void {
  const { routes } = demo.container.get(RouteTable)
  const rows = routes.map(({ method, path, sentence }) => [method, path, sentence])
  print(`Provider  ${demo.provider.issuer}`)
  print(`API       ${demo.origin}\n`)
  print(`${formatTable(['METHOD', 'PATH', 'WHO MAY CALL'], rows)}\n`)
}
