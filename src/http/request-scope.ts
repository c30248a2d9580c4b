import type Koa from 'koa'
import type { Principal } from '../authorization/principal.js'
import type { Lifetime, SecurityScope } from '../context/security-scope.js'
import type { AgentClaims } from '../tokens/agent-claims.js'
import { isGivenUp } from './is-given-up.js'

/**
 * What a request's code knows about its caller, until the response is sent or given up and the handlers are through.
 *
 * A client that hangs up doesn't end it: what a handler does on the caller's behalf stays the caller's doing.
 */
export class RequestScope implements SecurityScope, Lifetime {
  private isSettled = false

  constructor(
    readonly principal: Principal | undefined,
    readonly enforced: boolean,
    readonly route: string | undefined,
    /** The request's, for policies. */
    readonly ctx: Koa.Context,
    readonly agent?: AgentClaims | undefined,
  ) {}

  /** Notes that nothing that was begun inside is awaited any more. */
  settle(): void {
    this.isSettled = true
  }

  get lifetime(): Lifetime {
    return this
  }

  get isOver(): boolean {
    return this.isSettled && (this.ctx.res.writableFinished || isGivenUp(this.ctx.res))
  }
}
