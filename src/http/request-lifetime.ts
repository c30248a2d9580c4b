import type Koa from 'koa'
import type { Lifetime } from '../context/security-scope.js'

const SETTLED = Symbol('inversify-koa-auth.settled')

type SettlingContext = Koa.Context & { [SETTLED]?: boolean }

/** Notes that nothing in the chain of middleware is at work on a request any more. */
export function settle(ctx: SettlingContext): void {
  ctx[SETTLED] = true
}

/**
 * How long a request lasts: until its response is sent or given up, and its handlers are through.
 *
 * A client that hangs up doesn't end it: what a handler does on the caller's behalf stays the caller's doing.
 */
export class RequestLifetime implements Lifetime {
  constructor(private readonly ctx: SettlingContext) {}

  get isOver(): boolean {
    const { ctx } = this
    return ctx[SETTLED] === true && (ctx.res.writableFinished || ctx.res.destroyed)
  }
}
