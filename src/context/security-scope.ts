import { AsyncLocalStorage } from 'node:async_hooks'
import type { Principal } from '../authorization/principal.js'
import type { AgentClaims } from '../tokens/agent-claims.js'

/** Tells whether what a scope belongs to has come to its end. */
export interface Lifetime {
  readonly isOver: boolean
}

/** What code running inside a request, or inside `SecurityContext.run`, knows about its caller. */
export interface SecurityScope {
  readonly principal: Principal | undefined
  /** The agent that acts for the caller; absent where none does. */
  readonly agent?: AgentClaims | undefined
  /** `false` where the settings switch security off: then requirements hold without a caller. */
  readonly enforced: boolean
  /** Method and path pattern of the route, for events; absent outside of routes. */
  readonly route?: string | undefined
  /** Ends the scope; absent outside of requests. */
  readonly lifetime?: Lifetime | undefined
}

const storage = new AsyncLocalStorage<SecurityScope>()

/** Runs work, and everything it starts, inside a scope. */
export function runInScope<Result>(scope: SecurityScope, work: () => Result): Result
export function runInScope<Result, Argument>(
  scope: SecurityScope,
  work: (argument: Argument) => Result,
  argument: Argument,
): Result
export function runInScope<Result>(
  scope: SecurityScope,
  work: (argument?: unknown) => Result,
  argument?: unknown,
): Result {
  return storage.run(scope, work, argument)
}

/** The scope this line runs in; `undefined` outside of any, and after the request it belonged to is over. */
export function currentScope(): SecurityScope | undefined {
  const scope = storage.getStore()
  return scope?.lifetime?.isOver === true ? undefined : scope
}

/**
 * What of the scope this line runs in may outlast it; outside of any, nobody is calling and rules hold.
 *
 * It has every member itself: what somebody has put into `Object.prototype` doesn't show through.
 */
export function lastingScope(): SecurityScope {
  const scope = currentScope()
  return {
    principal: scope?.principal,
    agent: scope?.agent,
    enforced: scope?.enforced ?? true,
    route: scope?.route,
    lifetime: undefined,
  }
}
