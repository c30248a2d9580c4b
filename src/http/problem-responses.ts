import { STATUS_CODES } from 'node:http'
import type Koa from 'koa'
import { MalformedRequestError } from '../errors/malformed-request-error.js'
import { isProblemError } from '../errors/problem-error.js'
import { settle } from './request-lifetime.js'

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
 * Makes every problem that is thrown further in a response, whoever threw it.
 *
 * Other errors, and problems that come when the response is under way already, go on to Koa's error handling.
 */
export const problemResponses: Koa.Middleware = (ctx, next) => {
  try {
    assertTarget(ctx)
    return next().then(
      () => settle(ctx),
      (error: unknown) => respondTo(ctx, error),
    )
  } catch (error) {
    return respondTo(ctx, error)
  }
}

/** Koa takes an error that is nothing for no error at all, and would leave the client waiting. */
function respondTo(ctx: Koa.Context, error: unknown): void {
  settle(ctx)
  if (!isProblemError(error) || !error.expose || ctx.headerSent) throw error ?? new Error('Nothing was thrown')
  const { status, code, message: detail, headers, extensions } = error
  writeProblem(ctx, { status, code, detail, headers, extensions })
}

/** A request target in absolute form may hold a host that no URL can have; Koa trips over it at first sight. */
function assertTarget(ctx: Koa.Context): void {
  try {
    void ctx.path
  } catch (cause) {
    throw new MalformedRequestError('target_malformed', { cause })
  }
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
