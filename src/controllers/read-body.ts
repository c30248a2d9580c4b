import type { IncomingMessage } from 'node:http'
import { parse as parseQuery } from 'node:querystring'
import parse from 'co-body'
import type Koa from 'koa'
import { BodyError, type BodyErrorCode, type BodyIssue } from '../errors/body-error.js'
import { isShallow } from './is-shallow.js'
import type { StandardIssue, StandardSchema } from './standard-schema.js'

/** Validators, and `JSON.stringify`, call themselves for every level. */
const MOST_LEVELS = 100

const CODES: Readonly<Record<number, BodyErrorCode>> = { 413: 'body_too_large', 415: 'body_unsupported' }

/**
 * The parsed body of a request: JSON, a form or text; `undefined` when there is none.
 *
 * JSON may nest up to 100 levels deep. A body that other middleware has parsed into `ctx.request.body` is taken as it is.
 *
 * @param limit the largest body that is read, in bytes, after decompression
 * @throws {BodyError} 400, 413 or 415
 */
export async function readBody(ctx: Koa.Context, limit: number): Promise<unknown> {
  const request = ctx.request as Koa.Request & { body?: unknown }
  if (!Object.hasOwn(request, 'body')) request.body = await parseBody(ctx, limit)
  return request.body
}

/**
 * A body as its schema makes it.
 *
 * @throws {BodyError} 422 with what the schema found
 */
export async function conformingBody(body: unknown, schema: StandardSchema): Promise<unknown> {
  const result = await schema['~standard'].validate(body)
  if (result.issues !== undefined) throw new BodyError('body_invalid', result.issues.map(bodyIssue))
  return result.value
}

async function parseBody(ctx: Koa.Context, limit: number): Promise<unknown> {
  const { req, request } = ctx
  if (!mayHaveBody(req, request.length)) return undefined
  const parser = parserOf(request.type.trim().toLowerCase())
  if (parser === undefined) throw new BodyError('body_unsupported')
  if (req.destroyed && !req.complete) throw new BodyError('body_malformed')
  try {
    return await unlessAborted(req, parser(req, limit))
  } catch (error) {
    throw bodyError(error)
  }
}

type Parser = (request: IncomingMessage, limit: number) => Promise<unknown>

/** Koa's own `ctx.is` wants a length, which HTTP/2 doesn't oblige anybody to give. */
function parserOf(mediaType: string): Parser | undefined {
  if (/^application\/json$|^[^/]+\/[^/]+\+json$/.test(mediaType)) return json
  if (mediaType === 'application/x-www-form-urlencoded') return form
  return mediaType.startsWith('text/') ? text : undefined
}

async function json(request: IncomingMessage, limit: number): Promise<unknown> {
  const body: unknown = await parse.json(request, { limit, strict: false })
  if (!isShallow(body, MOST_LEVELS)) throw new BodyError('body_malformed')
  return body === '' ? undefined : body
}

/** The members of a form, as they are written: a string each, or a list where a name is repeated. */
async function form(request: IncomingMessage, limit: number): Promise<unknown> {
  return { ...parseQuery(await parse.text(request, { limit }), '&', '=', { maxKeys: 0 }) }
}

function text(request: IncomingMessage, limit: number): Promise<unknown> {
  return parse.text(request, { limit })
}

/** HTTP/2 has neither chunks nor an obligation to tell the length; there, a media type announces a body. */
function mayHaveBody({ headers, httpVersionMajor }: IncomingMessage, length: number | undefined): boolean {
  if (length !== undefined) return length > 0
  return headers['transfer-encoding'] !== undefined || (httpVersionMajor > 1 && headers['content-type'] !== undefined)
}

/**
 * Parsers put the body they choke on into their errors, so those don't travel on as a cause.
 * A stream that can't be read because somebody else has read it is the application's mistake, not the client's.
 */
function bodyError(error: unknown): unknown {
  const { status = 400 } = error as { status?: number }
  return status >= 500 ? error : new BodyError(CODES[status] ?? 'body_malformed')
}

/** A client that hangs up leaves a compressed body without an end, and its parser waiting for one. */
function unlessAborted<Result>(request: IncomingMessage, reading: Promise<Result>): Promise<Result> {
  const aborted = new Promise<never>((_, reject) => {
    request.once('close', () => {
      if (!request.complete) reject(Object.assign(new Error('The client hung up'), { status: 400 }))
    })
  })
  return Promise.race([reading, aborted])
}

function bodyIssue({ message, path = [] }: StandardIssue): BodyIssue {
  const names = path.map((part) => (typeof part === 'object' ? part.key : part))
  return { message, path: names.map((name) => (typeof name === 'number' ? name : String(name))) }
}
