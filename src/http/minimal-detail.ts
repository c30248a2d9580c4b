import { isAuthError } from '../errors/auth-error.js'
import type { ProblemError } from '../errors/problem-error.js'
import type { Problem } from './problem-responses.js'

/** What a refused caller is told in place of what the application asks for. */
const REFUSED = 'Insufficient permissions'

/** The `scope` of a challenge, and the comma on one of its sides. Scopes hold no quotation marks (RFC 6749, section 3.3). */
const SCOPE_PARAMETER = /,\s*scope="[^"]*"|(?<=\s)scope="[^"]*",\s*|\s+scope="[^"]*"(?!\s*,)/gi

/** A problem without the names of roles, groups, scopes, permissions and policies that it may come with. */
export function withoutRequirements(error: ProblemError, problem: Problem): Problem {
  if (!isAuthError(error)) return problem
  const { missing: _names, ...extensions } = problem.extensions ?? {}
  const detail = problem.status === 403 ? REFUSED : problem.detail
  return { ...problem, detail, headers: withoutScopes(problem.headers ?? {}), extensions }
}

function withoutScopes(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const entries = Object.entries(headers).map(([name, value]) =>
    name.toLowerCase() === 'www-authenticate' ? [name, value.replace(SCOPE_PARAMETER, '')] : [name, value],
  )
  return Object.fromEntries(entries)
}
