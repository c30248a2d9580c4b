import { LRUCache } from 'lru-cache'
import type { Adapter, AdapterPayload } from 'oidc-provider'

const MOST_RECORDS = 1000

/** What the provider has to remember while somebody signs in; in memory, for as long as the process runs. */
export class MemoryAdapter implements Adapter {
  static readonly #records = new LRUCache<string, AdapterPayload>({ max: MOST_RECORDS })
  readonly #kind: string

  /** @param kind of record: Session, AuthorizationCode and so on */
  constructor(kind: string) {
    this.#kind = kind
  }

  async find(id: string) {
    return MemoryAdapter.#records.get(`${this.#kind} ${id}`)
  }

  async findByUid(uid: string) {
    return [...MemoryAdapter.#records.values()].find((record) => record.uid === uid)
  }

  async findByUserCode() {
    return undefined
  }

  async upsert(id: string, payload: AdapterPayload, expiresInSeconds: number) {
    const ttl = expiresInSeconds > 0 ? { ttl: expiresInSeconds * 1000 } : {}
    MemoryAdapter.#records.set(`${this.#kind} ${id}`, payload, ttl)
  }

  async consume(id: string) {
    const record = await this.find(id)
    if (record !== undefined) record.consumed = Math.floor(Date.now() / 1000)
  }

  async destroy(id: string) {
    MemoryAdapter.#records.delete(`${this.#kind} ${id}`)
  }

  async revokeByGrantId(grantId: string) {
    for (const [key, { grantId: granted }] of MemoryAdapter.#records) {
      if (granted === grantId) MemoryAdapter.#records.delete(key)
    }
  }
}
