import type { IncomingMessage } from 'node:http'
import { bearerToken } from '../authentication/bearer-token.js'
import type { TokenValidator } from '../authentication/token-validator.js'
import type { Principal } from '../authorization/principal.js'
import { principalOf } from '../authorization/principal-of.js'
import type { RoleResolver } from '../authorization/role-resolver.js'
import type { ServiceResolver } from './service-resolver.js'

/** Finds out who sent a request. */
export class Authenticator {
  readonly #validator: TokenValidator
  readonly #roleResolver: ServiceResolver<RoleResolver>

  /** @param enabled `false` switches all security off */
  constructor(
    readonly enabled: boolean,
    validator: TokenValidator,
    roleResolver: ServiceResolver<RoleResolver>,
  ) {
    this.#validator = validator
    this.#roleResolver = roleResolver
  }

  /**
   * The caller; `undefined` when the request carries no credentials. Bad credentials are never nobody's.
   *
   * @throws {AuthError} when the credentials prove nothing, or that can't be told.
   */
  async authenticate(request: IncomingMessage): Promise<Principal | undefined> {
    const token = bearerToken(request)
    if (token === undefined) return undefined
    return principalOf(await this.#validator.validate(token), await this.#roleResolver.resolve())
  }
}
