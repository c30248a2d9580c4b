import { STATUS_CODES } from 'node:http'
import type Router from '@koa/router'
import type Koa from 'koa'
import { ANY_VALID_TOKEN } from '../authorization/requirement.js'
import type { Authenticator } from './authenticator.js'
import { writeProblem } from './problem-responses.js'
import { routeSecurity } from './route-security.js'

/** What is left unanswered in the end, and the code of that. */
export const UNANSWERED: Readonly<Record<number, string>> = {
  404: 'route_not_found',
  405: 'method_not_allowed',
  501: 'method_not_implemented',
}

/**
 * For whatever no route has matched: without a valid token 401, so that nothing is revealed;
 * with one, later middleware has its turn, and what is left is 404, 405 or the list of allowed methods.
 */
export function fallThroughGuard(router: Router, authenticator: Authenticator): Koa.Middleware {
  const security = routeSecurity(ANY_VALID_TOKEN, authenticator)
  const allowedMethods = router.allowedMethods() as unknown as Koa.Middleware
  return (ctx, next): Promise<void> | undefined =>
    security(ctx, async () => {
      await allowedMethods(ctx, next)
      const code = UNANSWERED[ctx.status]
      if (code !== undefined && ctx.body == null && ctx.respond !== false && !ctx.headerSent) {
        writeProblem(ctx, { status: ctx.status, code, detail: STATUS_CODES[ctx.status] as string })
      }
    })
}
