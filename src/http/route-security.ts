import type Koa from 'koa'
import { unmetConditions } from '../authorization/decide.js'
import { refusal } from '../authorization/refusal.js'
import type { Condition, Requirement } from '../authorization/requirement.js'
import { runInScope } from '../context/security-scope.js'
import { MissingTokenError } from '../errors/missing-token-error.js'
import type { Authenticator } from './authenticator.js'

/** Middleware that holds one requirement and opens the request's security context. */
export function routeSecurity(requirement: Requirement, authenticator: Authenticator): Koa.Middleware {
  if (!authenticator.enabled) return withoutCaller(false)
  if (requirement.access === 'anonymous') return withoutCaller(true)
  return requirement.access === 'optional'
    ? withCaller(authenticator, false, [])
    : withCaller(authenticator, true, requirement.allOf)
}

function withoutCaller(enforced: boolean): Koa.Middleware {
  return (ctx, next) => runInScope({ principal: undefined, enforced, lifetime: ctx.res }, next)
}

/** The caller is in `ctx.state.principal` before anything is decided, so that access logs can tell who was refused. */
function withCaller(authenticator: Authenticator, required: boolean, allOf: readonly Condition[]): Koa.Middleware {
  return async (ctx, next) => {
    const principal = await authenticator.authenticate(ctx.req)
    ctx.state['principal'] = principal
    if (principal === undefined) {
      if (required) throw new MissingTokenError()
    } else {
      const unmet = unmetConditions(allOf, principal)
      if (unmet.length > 0) throw refusal(unmet)
    }
    return runInScope({ principal, enforced: true, lifetime: ctx.res }, next)
  }
}
