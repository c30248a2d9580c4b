import { AsyncResource } from 'node:async_hooks'
import { Readable } from 'node:stream'
import type Koa from 'koa'

/**
 * Makes what a method returned the response.
 *
 * `undefined` is 204, unless the method has answered through Koa's context itself.
 */
export function respond(ctx: Koa.Context, value: unknown, status: number | undefined): void {
  const { response } = ctx
  if (value !== undefined) response.body = value
  else if (!hasAnswered(ctx)) response.body = null
  else status = undefined
  if (status !== undefined) response.status = status
  if (response.body instanceof Readable) keepContext(response.body)
}

/** Koa begins to read a stream after the handler is through; what the stream does then still belongs to the request. */
function keepContext(stream: Readable): void {
  stream._read = AsyncResource.bind(stream._read)
}

/** Koa remembers, without offering it, whether a status was chosen: 404 is what it begins with. */
function hasAnswered(ctx: Koa.Context): boolean {
  const { _explicitStatus: chosen } = ctx.response as { _explicitStatus?: boolean }
  return chosen === true || ctx.body != null || ctx.respond === false || ctx.headerSent
}
