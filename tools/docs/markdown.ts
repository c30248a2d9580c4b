/** One fenced code block of a Markdown page. */
export interface CodeBlock {
  readonly language: string
  readonly code: string
  /** Where the first line of code stands in the page, counted from 1. */
  readonly line: number
  /** The text of the HTML comment right before the block: `continues`, `output`, `example: …`. */
  readonly note: string
}

/** One relative link of a Markdown page. */
export interface Link {
  readonly target: string
  readonly line: number
}

const FENCE = /^\s*(`{3,})\s*([\w-]*)/
const COMMENT = /^\s*<!--\s*(.*?)\s*-->\s*$/
const LINK = /\]\(\s*<?([^)\s>]+)>?[^)]*\)|^\s*\[[^\]]+\]:\s*(\S+)/g
const ABSOLUTE = /^([a-z][a-z0-9+.-]*:|\/\/)/i

/** The fenced code blocks of a page, in order. */
export function codeBlocks(markdown: string): readonly CodeBlock[] {
  const blocks: CodeBlock[] = []
  const lines = markdown.split('\n')
  let note = ''
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? ''
    const [, fence, language] = FENCE.exec(line) ?? []
    if (fence !== undefined) {
      const end = closingFence(lines, at + 1, fence)
      blocks.push({ language: language ?? '', code: lines.slice(at + 1, end).join('\n'), line: at + 2, note })
      note = ''
      at = end
    } else if (line.trim() !== '') {
      note = COMMENT.exec(line)?.[1] ?? ''
    }
  }
  return blocks
}

/** The links of a page that point into the repository; code is not searched. */
export function relativeLinks(markdown: string): readonly Link[] {
  return linesOutsideCode(markdown).flatMap((text, index) =>
    [...text.replace(/`[^`]*`/g, '').matchAll(LINK)]
      .map(([, inline, reference]) => ({ target: inline ?? reference ?? '', line: index + 1 }))
      .filter(({ target }) => !ABSOLUTE.test(target)),
  )
}

/** The anchors GitHub gives a page's headings. */
export function anchors(markdown: string): ReadonlySet<string> {
  const seen = new Map<string, number>()
  const found = new Set<string>()
  for (const line of linesOutsideCode(markdown)) {
    const heading = /^#{1,6}\s+(.*?)\s*#*$/.exec(line)?.[1]
    if (heading === undefined) continue
    const slug = slugOf(heading)
    const times = seen.get(slug) ?? 0
    seen.set(slug, times + 1)
    found.add(times === 0 ? slug : `${slug}-${times}`)
  }
  return found
}

function slugOf(heading: string): string {
  return heading
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-')
}

/** The lines of a page with its code blocks blanked out, so that line numbers stay. */
function linesOutsideCode(markdown: string): readonly string[] {
  const lines = markdown.split('\n')
  for (const { line, code } of codeBlocks(markdown)) {
    lines.fill('', line - 1, line - 1 + code.split('\n').length)
  }
  return lines
}

function closingFence(lines: readonly string[], from: number, fence: string): number {
  for (let at = from; at < lines.length; at++) {
    const line = lines[at]?.trim() ?? ''
    if (line.startsWith(fence) && /^`+$/.test(line)) return at
  }
  throw new Error(`a code block that opens at line ${from} is never closed`)
}
