/** A path in OpenAPI's notation, and the names in it. */
export interface PathTemplate {
  /** `/tasks/{id}` */
  readonly path: string
  readonly parameters: readonly PathParameter[]
}

/** A part of a path that varies. */
export interface PathParameter {
  readonly name: string
  /** It may have slashes in it. */
  readonly isWildcard: boolean
}

type Token = { readonly text: string } | PathParameter | { readonly optional: readonly Token[] }

/**
 * The paths that a path in @koa/router's notation stands for: one, or with optional parts one for each way to take them.
 * The longest comes last.
 */
export function pathTemplates(path: string): readonly PathTemplate[] {
  const { tokens } = parse(path, 0)
  return variants(tokens).map((variant) => ({
    path: variant.map((token) => ('text' in token ? token.text : `{${token.name}}`)).join('') || '/',
    parameters: variant.filter((token) => 'name' in token),
  }))
}

const NAME = /^[:*](?:"([^"]*)"|([\p{ID_Start}_$][\p{ID_Continue}$]*))/u

function parse(path: string, from: number): { readonly tokens: readonly Token[]; readonly end: number } {
  const tokens: Token[] = []
  let at = from
  while (at < path.length && path[at] !== '}') {
    const name = NAME.exec(path.slice(at))
    if (name !== null) {
      tokens.push({ name: (name[1] ?? name[2]) as string, isWildcard: path[at] === '*' })
      at += name[0].length
    } else if (path[at] === '{') {
      const inner = parse(path, at + 1)
      tokens.push({ optional: inner.tokens })
      at = inner.end + 1
    } else {
      if (path[at] === '\\') at++
      tokens.push({ text: path[at] ?? '' })
      at++
    }
  }
  return { tokens, end: at }
}

type Flat = Exclude<Token, { readonly optional: unknown }>

function variants(tokens: readonly Token[]): readonly (readonly Flat[])[] {
  const [first, ...rest] = tokens
  if (first === undefined) return [[]]
  const heads: readonly (readonly Flat[])[] = 'optional' in first ? [[], ...variants(first.optional)] : [[first]]
  const tails = variants(rest)
  return heads.flatMap((head) => tails.map((tail) => [...head, ...tail]))
}
