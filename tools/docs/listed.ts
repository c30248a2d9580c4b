import { basename, dirname, join } from 'node:path'
import { relativeLinks } from './markdown.js'
import type { Finding, Page } from './pages.js'

const LISTS = ['README.md', 'docs/README.md']

/** The guides that one of the lists of guides doesn't name: nobody would find them. */
export function unlistedGuides(pages: readonly Page[]): readonly Finding[] {
  const guides = pages
    .map(({ path }) => path)
    .filter((path) => dirname(path) === 'docs' && basename(path) !== 'README.md')
  return pages
    .filter(({ path }) => LISTS.includes(path))
    .flatMap((list) => {
      const linked = new Set(
        relativeLinks(list.text).map(({ target }) => join(dirname(list.path), target.split('#')[0] ?? '')),
      )
      const missing = guides.filter((guide) => !linked.has(guide))
      return missing.map((guide) => ({ path: list.path, line: 1, message: `does not link to ${guide}` }))
    })
}
