/**
 * Joins a controller's prefix and a route's path: one slash between, none at the end.
 *
 * An optional part brings its own slash: `/list` and `{/:page}` make `/list{/:page}`.
 */
export function joinPath(prefix: string, path: string): string {
  return withSlash(prefix) + withSlash(path) || '/'
}

function withSlash(part: string): string {
  const trimmed = part.replace(/^\/+|\/+$/g, '')
  return trimmed === '' || trimmed.startsWith('{/') ? trimmed : `/${trimmed}`
}

/** An escaped character, or a parameter or wildcard with its name. */
const ESCAPE_OR_NAME = /\\.|([:*])(?:"[^"]*"|[\p{ID_Start}_$][\p{ID_Continue}$]*)/gu

/**
 * What decides which requests a path matches: parameter names don't, nor does letter case, nor a slash at the end.
 * Two routes alike in this would shadow one another.
 */
export function pathShape(path: string): string {
  return path.replace(ESCAPE_OR_NAME, (found, kind: string | undefined) => kind ?? found).toLowerCase()
}

/** The names of a path's parameters and wildcards, in the order they stand there. */
export function parameterNames(path: string): readonly string[] {
  const names = (path.match(ESCAPE_OR_NAME) ?? []).filter((found) => !found.startsWith('\\'))
  return names.map((name) => name.slice(1).replaceAll('"', ''))
}
