import type { IncomingMessage } from 'node:http'
import { assertB64Token } from '../authentication/bearer-token.js'
import { RecentCredentials } from '../authentication/recent-credentials.js'
import type { TokenValidator } from '../authentication/token-validator.js'
import type { Principal } from '../authorization/principal.js'
import { principalOf } from '../authorization/principal-of.js'
import type { RoleResolver } from '../authorization/role-resolver.js'
import type { VerifiedToken } from '../tokens/verified-token.js'
import type { ServiceResolver } from './service-resolver.js'

/** Finds out who sent a request. */
export class Authenticator {
  readonly #validator: TokenValidator
  readonly #credentials: RecentCredentials
  readonly #roleResolver: ServiceResolver<RoleResolver>

  /** @param enabled `false` switches all security off */
  constructor(
    readonly enabled: boolean,
    validator: TokenValidator,
    roleResolver: ServiceResolver<RoleResolver>,
  ) {
    this.#validator = validator
    this.#credentials = new RecentCredentials((token) => validator.identify(token))
    this.#roleResolver = roleResolver
  }

  /**
   * The caller; `undefined` when the request carries no credentials. Bad credentials are never nobody's.
   *
   * A promise only where something has to be waited for: most requests bring a token that is known already.
   *
   * @throws {AuthError} when the credentials prove nothing, or that can't be told.
   */
  authenticate(request: IncomingMessage): Principal | undefined | Promise<Principal> {
    const credentials = this.#credentials.of(request)
    if (credentials === undefined) return undefined
    const resolver = this.#roleResolver.resolve()
    if (resolver instanceof Promise) resolver.catch(() => undefined)
    const verified = this.#validator.check(credentials.token, credentials.id, assertB64Token)
    if (verified instanceof Promise || resolver instanceof Promise) return principalLater(verified, resolver)
    this.#credentials.remember(credentials)
    return principalOf(verified, resolver)
  }
}

async function principalLater(
  verified: VerifiedToken | Promise<VerifiedToken>,
  resolver: RoleResolver | Promise<RoleResolver>,
): Promise<Principal> {
  const [token, roles] = await Promise.all([verified, resolver])
  return principalOf(token, roles)
}
