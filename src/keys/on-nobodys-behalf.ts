import { AsyncResource } from 'node:async_hooks'

/** From when this module was loaded: no request was there. */
const outside = new AsyncResource('inversify-koa-auth')

/**
 * Does work outside of the request that happens to cause it, with no caller in the security context.
 *
 * For what serves everybody and goes on by itself: a timer would keep that one request in memory, and its caller in the
 * context, for as long as it runs.
 */
export function onNobodysBehalf<Result>(work: () => Result): Result {
  return outside.runInAsyncScope(work)
}
