import { AsyncLocalStorage } from 'node:async_hooks'
import type { Principal } from '../authorization/principal.js'

/** What a response tells about the request's life; a `ServerResponse` does. */
export interface Lifetime {
  readonly writableFinished: boolean
  readonly destroyed: boolean
}

/** What code running inside a request, or inside `SecurityContext.run`, knows about its caller. */
export interface SecurityScope {
  readonly principal: Principal | undefined
  /** `false` where the settings switch security off: then requirements hold without a caller. */
  readonly enforced: boolean
  /** Ends the scope once the response has been sent or given up; absent outside of requests. */
  readonly lifetime?: Lifetime
}

const storage = new AsyncLocalStorage<SecurityScope>()

/** Runs work, and everything it starts, inside a scope. */
export function runInScope<Result>(scope: SecurityScope, work: () => Result): Result {
  return storage.run(scope, work)
}

/** The scope this line runs in; `undefined` outside of any, and after the request it belonged to is over. */
export function currentScope(): SecurityScope | undefined {
  const scope = storage.getStore()
  const lifetime = scope?.lifetime
  return lifetime !== undefined && (lifetime.writableFinished || lifetime.destroyed) ? undefined : scope
}
