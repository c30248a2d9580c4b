const MOST_SLOTS = 2 ** 20

/**
 * Remembers, roughly and in little memory, which tokens have come lately, so that a full cache gives a place only to
 * those that come again. Tokens that are sent once each can't push out the ones that are sent all the time.
 *
 * Each token has one slot by its digest, and whoever came there last is known by a fingerprint. Two tokens taken for
 * one another cost a place in the cache, no more.
 */
export class Doorkeeper {
  readonly #slots: Uint32Array

  /** @param size of how many tokens to keep track */
  constructor(size: number) {
    this.#slots = new Uint32Array(Math.min(2 ** Math.ceil(Math.log2(size)), MOST_SLOTS))
  }

  /**
   * Whether a token has come lately; from now on it has.
   *
   * @param id a digest in base64
   */
  knows(id: string): boolean {
    const slot = bits(id, 0) & (this.#slots.length - 1)
    const fingerprint = bits(id, 5)
    if (this.#slots[slot] === fingerprint) return true
    this.#slots[slot] = fingerprint
    return false
  }
}

/** Some 30 bits of a digest's text. */
function bits(id: string, start: number): number {
  let value = 1
  for (let i = start; i < start + 5; i++) value = Math.imul(value, 65) + id.charCodeAt(i)
  return value >>> 0
}
