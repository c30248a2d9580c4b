import type Koa from 'koa'
import type { Principal } from '../authorization/principal.js'
import type { Requirement } from '../authorization/requirement.js'
import { assertMeets } from '../context/assert-meets.js'
import { runInScope } from '../context/security-scope.js'
import { MissingTokenError } from '../errors/missing-token-error.js'
import { publishAuthenticated, publishRejected } from './authentication-events.js'
import type { Authenticator } from './authenticator.js'
import { RequestLifetime } from './request-lifetime.js'

/**
 * Middleware that holds one requirement and opens the request's security context.
 *
 * @param route method and path pattern, for events
 */
export function routeSecurity(
  requirement: Requirement,
  authenticator: Authenticator,
  route?: string | undefined,
): Koa.Middleware {
  if (!authenticator.enabled) return withoutCaller(false)
  return requirement.access === 'anonymous' ? withoutCaller(true) : withCaller(requirement, authenticator, route)
}

function withoutCaller(enforced: boolean): Koa.Middleware {
  return (ctx, next) => runInScope({ principal: undefined, enforced, lifetime: new RequestLifetime(ctx) }, next)
}

/** What runs inside the context is out of reach of the `catch` here: it deals with credentials only. */
function withCaller(
  requirement: Exclude<Requirement, { access: 'anonymous' }>,
  authenticator: Authenticator,
  route: string | undefined,
): Koa.Middleware {
  const isRequired = requirement.access === 'authenticated'
  const allOf = isRequired ? requirement.allOf : []

  const rejected = (ctx: Koa.Context, error: unknown): never => {
    publishRejected(error, ctx.req.headers.authorization, route)
    throw error
  }
  const authenticated = (ctx: Koa.Context): Principal | undefined | Promise<Principal> => {
    try {
      const principal = authenticator.authenticate(ctx.req)
      if (principal instanceof Promise) return principal.catch((error) => rejected(ctx, error))
      if (principal === undefined && isRequired) throw new MissingTokenError()
      return principal
    } catch (error) {
      return rejected(ctx, error)
    }
  }
  /** The caller is in `ctx.state.principal` before anything is decided, so that access logs tell who was refused. */
  const goOn = (principal: Principal | undefined, ctx: Koa.Context, next: Koa.Next): Promise<unknown> => {
    ctx.state['principal'] = principal
    if (principal !== undefined) {
      publishAuthenticated(principal, ctx.req.headers.authorization, route)
      assertMeets(principal, allOf, route)
    }
    return runInScope({ principal, enforced: true, route, lifetime: new RequestLifetime(ctx) }, next)
  }
  return (ctx, next) => {
    const principal = authenticated(ctx)
    return principal instanceof Promise ? principal.then((it) => goOn(it, ctx, next)) : goOn(principal, ctx, next)
  }
}
