import type Koa from 'koa'
import { runInScope } from '../context/security-scope.js'
import type { RequestScope } from './request-scope.js'

/** What a route's security lets a caller go on to. */
export type Work = (ctx: Koa.Context) => unknown

/**
 * Does what comes next inside a request's scope, and notes when that is through.
 *
 * Where nothing has to be waited for there is no promise: with a security context, each one costs more than it seems.
 */
export function withinScope(scope: RequestScope, ctx: Koa.Context, work: Work): Promise<void> | undefined {
  let outcome: unknown
  try {
    outcome = runInScope(scope, work, ctx)
  } catch (error) {
    scope.settle()
    throw error
  }
  if (outcome instanceof Promise) return settled(outcome, scope)
  scope.settle()
  return undefined
}

async function settled(outcome: Promise<unknown>, scope: RequestScope): Promise<void> {
  try {
    await outcome
  } finally {
    scope.settle()
  }
}
