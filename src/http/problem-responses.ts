import { STATUS_CODES } from 'node:http'
import type Koa from 'koa'
import type { AuthClientSettings } from '../config/auth-client-settings.js'
import { MalformedRequestError } from '../errors/malformed-request-error.js'
import { isProblemError, type ProblemError } from '../errors/problem-error.js'
import { isGivenUp } from './is-given-up.js'
import { withoutRequirements } from './minimal-detail.js'

/** Headers that describe a body which the problem takes the place of. */
const REPRESENTATION = [
  'Content-Disposition',
  'Content-Encoding',
  'Content-Language',
  'Content-Range',
  'ETag',
  'Expires',
  'Last-Modified',
]

/** What a problem document says (RFC 9457, section 3.1). */
export interface Problem {
  readonly status: number
  readonly code: string
  readonly detail: string
  readonly headers?: Readonly<Record<string, string>>
  readonly extensions?: Readonly<Record<string, unknown>>
}

/**
 * Middleware that makes every problem which is thrown further in a response. Other errors go on.
 *
 * @param errorDetail `minimal` tells nobody what the application asks of callers
 */
export function problemResponses(errorDetail: AuthClientSettings['errorDetail']): Koa.Middleware {
  return async (ctx, next) => {
    try {
      await next()
    } catch (thrown) {
      const error = targetProblem(ctx, thrown) ?? thrown ?? nothingThrown()
      if (!isExposable(ctx, error)) throw error
      writeProblem(ctx, problemOf(error, errorDetail))
    }
  }
}

/**
 * Makes every problem a response, whoever threw it: an application's last instance for errors, instead of Koa's.
 *
 * It costs requests that go well nothing, and sees errors from before the first middleware and after the last.
 * Other errors, and problems that come when the response is under way already, are left to Koa's own error handling.
 *
 * @param errorDetail `minimal` tells nobody what the application asks of callers
 */
export function answerProblems(app: Koa, errorDetail: AuthClientSettings['errorDetail']): void {
  const { onerror } = app.context
  app.context.onerror = function answer(this: Koa.Context, thrown: unknown): void {
    // Koa also calls this when a response is over, with no error. It takes an error that is nothing for just that.
    if (thrown == null && (this.res.writableEnded || isGivenUp(this.res))) return
    const error = targetProblem(this, thrown) ?? thrown ?? nothingThrown()
    if (!isExposable(this, error)) onerror.call(this, error as Error)
    else {
      const failure = failureToWrite(this, problemOf(error, errorDetail))
      if (failure === undefined) this.res.end(this.body)
      else onerror.call(this, failure)
    }
  }
}

/** An application's own problem may have a status that is none, or members that JSON can't say. Nobody must wait for it. */
function failureToWrite(ctx: Koa.Context, problem: Problem): Error | undefined {
  try {
    writeProblem(ctx, problem)
    return undefined
  } catch (cause) {
    return new Error('A problem could not be written as a response', { cause })
  }
}

function isExposable(ctx: Koa.Context, error: unknown): error is ProblemError {
  return isProblemError(error) && error.expose && !ctx.headerSent
}

function problemOf(error: ProblemError, errorDetail: AuthClientSettings['errorDetail']): Problem {
  const { status, code, message: detail, headers, extensions } = error
  const problem = { status, code, detail, headers, extensions }
  return errorDetail === 'minimal' ? withoutRequirements(error, problem) : problem
}

/** A request target in absolute form may hold a host that no URL can have; Koa trips over it at first sight. */
function targetProblem(ctx: Koa.Context, error: unknown): MalformedRequestError | undefined {
  if (isProblemError(error)) return undefined
  try {
    void ctx.path
    return undefined
  } catch (cause) {
    return new MalformedRequestError('target_malformed', { cause })
  }
}

function nothingThrown(): Error {
  return new Error('Nothing was thrown')
}

/** Answers with a problem document. Headers set further out, CORS's among them, stay. */
export function writeProblem(ctx: Koa.Context, { status, code, detail, headers = {}, extensions }: Problem): void {
  for (const name of REPRESENTATION) ctx.remove(name)
  ctx.set({ ...headers, 'Cache-Control': 'no-store', 'Content-Type': 'application/problem+json' })
  const standard = { type: 'about:blank', title: STATUS_CODES[status], status, detail, code }
  ctx.respond = true
  ctx.status = status
  ctx.body = JSON.stringify({ ...standard, ...extensions, ...standard })
}
