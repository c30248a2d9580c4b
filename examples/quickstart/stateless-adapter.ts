import type { Adapter } from 'oidc-provider'

/**
 * Storage that holds nothing, which is all this provider needs.
 *
 * Its clients come with the configuration, and a JWT access token is its own record. What remains is
 * the question whether an unknown client is stored somewhere: it is not.
 */
export class StatelessAdapter implements Adapter {
  async find() {
    return undefined
  }

  async findByUserCode() {
    return undefined
  }

  async findByUid() {
    return undefined
  }

  async upsert() {}

  async consume() {}

  async destroy() {}

  async revokeByGrantId() {}
}
