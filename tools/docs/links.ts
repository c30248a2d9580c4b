import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { anchors, relativeLinks } from './markdown.js'
import type { Finding, Page } from './pages.js'

/** The relative links of `page` that lead to no file, or to no heading of the page they name. */
export function brokenLinks(page: Page): readonly Finding[] {
  return relativeLinks(page.text).flatMap(({ target, line }) => {
    const [file = '', anchor = ''] = target.split('#')
    const path = file === '' ? page.path : join(dirname(page.path), decodeURI(file))
    if (file !== '' && !existsSync(path))
      return [{ path: page.path, line, message: `links to ${target}, which does not exist` }]
    if (anchor === '' || !path.endsWith('.md')) return []
    const text = file === '' ? page.text : readFileSync(path, 'utf8')
    if (anchors(text).has(anchor)) return []
    return [{ path: page.path, line, message: `links to ${target}, but ${path} has no such heading` }]
  })
}
