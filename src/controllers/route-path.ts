/** Joins a controller's prefix and a route's path: one slash between, none at the end. */
export function joinPath(prefix: string, path: string): string {
  const joined = [prefix, path].map((part) => part.replace(/^\/+|\/+$/g, '')).filter((part) => part !== '')
  return `/${joined.join('/')}`
}

/**
 * What decides which requests a path matches: parameter names don't, nor does letter case, nor a slash at the end.
 * Two routes alike in this would shadow one another.
 */
export function pathShape(path: string): string {
  return path.replace(/([:*])(?:"[^"]*"|[\p{ID_Start}_$][\p{ID_Continue}$]*)/gu, '$1').toLowerCase()
}
