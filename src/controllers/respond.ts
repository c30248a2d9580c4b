import { AsyncResource } from 'node:async_hooks'
import { Readable } from 'node:stream'
import Koa from 'koa'

/** What `app.context` inherits from where nobody has come between. */
const KOAS_OWN: unknown = Object.getPrototypeOf(new Koa().context)

/**
 * Makes what a method returned the response.
 *
 * `undefined` is 204, unless the method has answered through Koa's context itself.
 */
export function respond(ctx: Koa.Context, value: unknown, status: number | undefined): void {
  const holder = bodyHolder(ctx)
  if (value !== undefined) holder.body = value
  else if (!hasAnswered(ctx)) holder.body = null
  else status = undefined
  if (status !== undefined) ctx.status = status
  const { body } = holder
  if (body instanceof Readable) keepContext(body)
}

/**
 * What holds the response's body. Koa's own `ctx.body` only passes it on to the response, at the price of a role check;
 * an application's, in its place, is not to be missed.
 */
function bodyHolder(ctx: Koa.Context): { body: unknown } {
  const { context } = ctx.app
  const isKoas =
    !Object.hasOwn(ctx, 'body') && !Object.hasOwn(context, 'body') && Object.getPrototypeOf(context) === KOAS_OWN
  return isKoas ? ctx.response : ctx
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
