const WILDCARD = '*'

/**
 * Whether one of the granted scopes covers what is required, wildcards counted.
 *
 * A granted `treasury:*` covers `treasury` and everything below it, a granted `*` everything. Only a `*` that is the
 * whole last part is a wildcard, and only in what is granted: a required `treasury:*` takes somebody who has all of it.
 */
export function coversScope(granted: readonly string[], required: string): boolean {
  return granted.some((scope) => scope === required || scope === WILDCARD || coversBranch(scope, required))
}

function coversBranch(granted: string, required: string): boolean {
  if (!granted.endsWith(`:${WILDCARD}`)) return false
  const branch = granted.slice(0, -WILDCARD.length)
  return required.startsWith(branch) || required === branch.slice(0, -1)
}
