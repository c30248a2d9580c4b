import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** One hand-written Markdown page of the repository. */
export interface Page {
  /** Relative to the repository's root, as messages name it. */
  readonly path: string
  readonly text: string
}

/** A defect in a page, at a line counted from 1. */
export interface Finding {
  readonly path: string
  readonly line: number
  readonly message: string
}

/** The folder of the reference that typedoc writes. */
export const REFERENCE = 'docs/reference'

/** Every hand-written page: the root's, the guides, the examples'. */
export function handWrittenPages(): readonly Page[] {
  const paths = [...readdirSync('.'), ...filesUnder('docs'), ...filesUnder('examples')]
  return paths
    .filter((path) => path.endsWith('.md') && !path.startsWith(`${REFERENCE}/`) && !path.includes('node_modules/'))
    .sort()
    .map((path) => ({ path, text: readFileSync(path, 'utf8') }))
}

/** The files under `folder` at any depth, with the folder in their names; none when it is not there. */
export function filesUnder(folder: string): readonly string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}
