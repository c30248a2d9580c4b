import type Koa from 'koa'
import { policiesIn } from '../authorization/policies-in.js'
import type { Principal } from '../authorization/principal.js'
import { scopesIn } from '../authorization/refusal.js'
import type { Requirement } from '../authorization/requirement.js'
import { assertMeets, assertPermitted } from '../context/assert-meets.js'
import { MissingTokenError } from '../errors/missing-token-error.js'
import { tokenRefusal } from '../errors/token-refusal.js'
import { agentAuthentication, type Decide } from './agent-authentication.js'
import { publishAuthenticated, publishRejected } from './authentication-events.js'
import type { Authenticator } from './authenticator.js'
import type { Policies } from './policies.js'
import { RequestScope } from './request-scope.js'
import { type Work, withinScope } from './within-scope.js'

/** Holds one requirement: who meets it goes on to `work`, inside the request's security context. */
export type RouteSecurity = (ctx: Koa.Context, work: Work) => Promise<void> | undefined

/** For places where what comes next is whatever middleware comes next. */
export function asMiddleware(security: RouteSecurity): Koa.Middleware {
  return security as Koa.Middleware
}

/**
 * Compiles one requirement.
 *
 * @param route method and path pattern, for events
 * @param policies needed where the requirement has policies: without, they don't permit
 */
export function routeSecurity(
  requirement: Requirement,
  authenticator: Authenticator,
  route?: string | undefined,
  policies?: Policies | undefined,
): RouteSecurity {
  if (!authenticator.enabled) return withoutCaller(false)
  if (requirement.access === 'anonymous') return withoutCaller(true)
  return withCaller(requirement, authenticator, route, policies)
}

function withoutCaller(enforced: boolean): RouteSecurity {
  return (ctx, work) => withinScope(new RequestScope(undefined, enforced, undefined, ctx), ctx, work)
}

/** What runs inside the context is out of reach of the `catch` here: it deals with credentials only. */
function withCaller(
  requirement: Exclude<Requirement, { access: 'anonymous' }>,
  authenticator: Authenticator,
  route: string | undefined,
  policies: Policies | undefined,
): RouteSecurity {
  const isRequired = requirement.access === 'authenticated'
  const allOf = isRequired ? requirement.allOf : []
  const scopes = scopesIn(allOf)

  const rejected = (ctx: Koa.Context, error: unknown): never => {
    publishRejected(error, ctx.req.headers.authorization, route)
    throw tokenRefusal(error, scopes)
  }
  const authenticated = (ctx: Koa.Context): Principal | undefined | Promise<Principal> => {
    try {
      const principal = authenticator.authenticate(ctx.req, route)
      if (principal instanceof Promise) return principal.catch((error) => rejected(ctx, error))
      if (principal === undefined && isRequired) throw new MissingTokenError({ scopes })
      return principal
    } catch (error) {
      return rejected(ctx, error)
    }
  }
  /** The caller is in `ctx.state.principal` before anything is decided, so that access logs tell who was refused. */
  const goOn = (principal: Principal | undefined, ctx: Koa.Context, work: Work): Promise<void> | undefined => {
    ctx.state['principal'] = principal
    if (principal !== undefined) publishAuthenticated(principal, ctx.req, route)
    return withAgent(principal, ctx, work)
  }
  const decide: Decide = (principal, ctx, work, agent, lacking) => {
    if (principal !== undefined) assertMeets(principal, allOf, route, lacking)
    return withinScope(new RequestScope(principal, true, route, ctx, agent), ctx, work)
  }
  /** Policies run inside the context: they, and the services they use, may ask it who is calling. */
  const decideInside = (asked: Policies): Decide => {
    return (principal, ctx, work, agent, lacking) => {
      const permitted: Work = () => {
        if (principal === undefined) return work(ctx)
        const asking = { principal, ctx, route }
        const pending = assertPermitted(principal, allOf, route, (policy) => asked.ask(policy, asking), lacking)
        return pending === undefined ? work(ctx) : pending.then(() => work(ctx))
      }
      return withinScope(new RequestScope(principal, true, route, ctx, agent), ctx, permitted)
    }
  }
  const asksPolicies = policies !== undefined && policiesIn(requirement).length > 0
  const decision = asksPolicies ? decideInside(policies) : decide
  const withAgent = agentAuthentication(requirement, authenticator, route, decision)
  return (ctx, work) => {
    const principal = authenticated(ctx)
    return principal instanceof Promise ? principal.then((it) => goOn(it, ctx, work)) : goOn(principal, ctx, work)
  }
}
