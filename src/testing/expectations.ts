import { isDeepStrictEqual } from 'node:util'
import type { MissingPermissions } from '../errors/insufficient-permissions-error.js'
import { assertKnownOptions } from './known-options.js'

/** What a response has to be for an expectation: a `fetch` response, or anything that comes close. */
export interface ResponseLike {
  readonly status: number
  readonly headers: { get(name: string): string | null }
  text(): Promise<string>
}

/** What a refusal has to say besides its status. What is left out may be anything. */
export interface DeniedDetails {
  /** The problem's code, such as `token_expired`. */
  readonly code?: string
  /** The whole text, or an expression that matches it. */
  readonly detail?: string | RegExp
  /** Exactly what is missing; the order of names makes no difference. */
  readonly missing?: MissingPermissions
}

/** What can be expected of a refusal. */
export interface DeniedExpectation {
  /**
   * Expects a problem document with this status.
   *
   * @throws {Error} as a rejection, saying what came instead. Tokens are never part of it.
   * @throws {TypeError} as a rejection, for an unknown detail.
   */
  with(status: 401 | 403 | 400 | 404 | 503, details?: DeniedDetails): Promise<void>
}

/**
 * Expects that a request was refused. It throws plain errors: any test runner will do.
 *
 * @example
 * ```ts
 * import { expectDenied } from 'inversify-koa-auth/testing'
 *
 * export async function viewersMayNotDelete(response: Response) {
 *   await expectDenied(response).with(403, { missing: { roles: ['admin'] } })
 * }
 * ```
 */
export function expectDenied(response: ResponseLike): DeniedExpectation {
  return {
    async with(status, details = {}) {
      assertKnownOptions('expectDenied', details, ['code', 'detail', 'missing'])
      const text = await response.text()
      const problem = problemIn(text)
      const complaints = [...wrongStatus(response, status), ...wrongDetails(problem, details)]
      if (problem === undefined && complaints.length === 0) complaints.push('the body is no problem document')
      if (complaints.length > 0) throw new Error(`Expected a refusal with ${status}: ${complaints.join('; ')}`)
    },
  }
}

/**
 * Expects that a request was let in: whatever its handler answered, it was not 401 or 403, nor a failure to decide.
 *
 * @throws {Error} as a rejection, with the problem's text.
 */
export async function expectAllowed(response: ResponseLike): Promise<void> {
  if (![401, 403].includes(response.status) && response.status < 500) return
  const { detail } = problemIn(await response.text()) ?? {}
  throw new Error(`Expected to be let in, but got ${response.status}${detail === undefined ? '' : `: ${detail}`}`)
}

type Problem = Readonly<Record<string, unknown>>

function problemIn(text: string): Problem | undefined {
  try {
    const body: unknown = JSON.parse(text)
    return typeof body === 'object' && body !== null && 'detail' in body ? (body as Problem) : undefined
  } catch {
    return undefined
  }
}

function wrongStatus({ status, headers }: ResponseLike, expected: number): string[] {
  const wrong = status === expected ? [] : [`the status is ${status}`]
  if (status === 401 && headers.get('www-authenticate') === null) wrong.push('there is no WWW-Authenticate header')
  return wrong
}

function wrongDetails(problem: Problem | undefined, { code, detail, missing }: DeniedDetails): readonly string[] {
  const wrong: string[] = []
  if (code !== undefined && problem?.['code'] !== code)
    wrong.push(`the code is ${shown(problem?.['code'])}, not ${code}`)
  if (detail !== undefined && !matches(problem?.['detail'], detail))
    wrong.push(`the detail is ${shown(problem?.['detail'])}`)
  if (missing !== undefined && !isDeepStrictEqual(sorted(problem?.['missing']), sorted(missing))) {
    wrong.push(`missing is ${shown(problem?.['missing'])}, not ${shown(missing)}`)
  }
  return wrong
}

function matches(text: unknown, expected: string | RegExp): boolean {
  return typeof expected === 'string' ? text === expected : typeof text === 'string' && expected.test(text)
}

/** Lists in one order, whatever order they were in. */
function sorted(missing: unknown): unknown {
  const entries = Object.entries(Object(missing ?? {}) as object)
  return Object.fromEntries(entries.map(([kind, names]) => [kind, Array.isArray(names) ? [...names].sort() : names]))
}

function shown(value: unknown): string {
  return value === undefined ? 'absent' : JSON.stringify(value)
}
