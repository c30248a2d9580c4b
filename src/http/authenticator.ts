import type { IncomingMessage } from 'node:http'
import { agentToken, assertAgentB64Token } from '../authentication/agent-token.js'
import { assertB64Token } from '../authentication/bearer-token.js'
import { RecentCredentials } from '../authentication/recent-credentials.js'
import type { TokenValidator } from '../authentication/token-validator.js'
import type { Principal } from '../authorization/principal.js'
import { type AgentClaims, toAgentClaims } from '../tokens/agent-claims.js'
import type { VerifiedToken } from '../tokens/verified-token.js'
import type { Principals } from './principals.js'

/** Finds out who sent a request. */
export class Authenticator {
  readonly #validator: TokenValidator
  readonly #credentials: RecentCredentials
  readonly #principals: Principals

  /** @param enabled `false` switches all security off */
  constructor(
    readonly enabled: boolean,
    validator: TokenValidator,
    principals: Principals,
  ) {
    this.#validator = validator
    this.#credentials = new RecentCredentials(validator)
    this.#principals = principals
  }

  /**
   * The caller; `undefined` when the request carries no credentials. Bad credentials are never nobody's.
   *
   * A promise only where something has to be waited for: most requests bring a token that is known already.
   *
   * @param route method and path pattern, for events
   * @throws {AuthError} when the credentials prove nothing, or that can't be told.
   */
  authenticate(request: IncomingMessage, route?: string | undefined): Principal | undefined | Promise<Principal> {
    const credentials = this.#credentials.of(request)
    if (credentials === undefined) return undefined
    const verified = this.#validator.check(credentials, assertB64Token)
    if (verified instanceof Promise) return verified.then((it) => this.#principals.make(it, route))
    this.#credentials.remember(credentials)
    return this.#principals.make(verified, route)
  }

  /**
   * The agent at work; `undefined` when the request names none. A promise only where something has to be waited for.
   *
   * @throws {AuthError} when the agent's credentials prove nothing, or that can't be told.
   */
  authenticateAgent(request: IncomingMessage): AgentClaims | undefined | Promise<AgentClaims> {
    const token = agentToken(request)
    if (token === undefined) return undefined
    const verified = this.#validator.check(this.#validator.present(token), assertAgentB64Token)
    return verified instanceof Promise ? verified.then(agentOf) : agentOf(verified)
  }
}

function agentOf({ rawClaims }: VerifiedToken): AgentClaims {
  return toAgentClaims(rawClaims)
}
