/**
 * What the server is to know about each key at which moment. This is the documented contract, in milliseconds of
 * one clock, and nothing about how it is kept.
 */
export class Timeline {
  #keys = new Map()
  #outage
  #cooldownMs
  #ttlMs
  #graceMs

  constructor({ settings, outage, graceMs }, begun) {
    this.#outage = { from: begun + outage.from * 1000, until: begun + outage.until * 1000 }
    this.#cooldownMs = settings.jwksCooldownSeconds * 1000
    this.#ttlMs = settings.jwksTtlSeconds * 1000
    this.#graceMs = graceMs
    /** How long after its `exp` a token may be accepted. */
    this.toleranceMs = settings.clockToleranceSeconds * 1000
  }

  introduce(kid, at) {
    this.#keys.set(kid, { introduced: at, removed: Number.POSITIVE_INFINITY })
  }

  remove(kid, at) {
    this.#keys.get(kid).removed = at
  }

  isDown(at) {
    return at >= this.#outage.from && at < this.#outage.until
  }

  /** Whether 503 is a fair answer to a question about an unknown key: until a cool-down after the outage. */
  mayBeUnavailable(sent, answered) {
    return answered >= this.#outage.from && sent <= this.#recovered
  }

  /** From when on the server has no excuse for not knowing a key: a cool-down after it has been introduced. */
  knownBy(kid) {
    const { introduced } = this.#keys.get(kid)
    return this.#orAfterOutage(introduced, introduced + this.#cooldownMs + this.#graceMs)
  }

  /** Until when the server has no excuse for refusing a key. */
  removedAt(kid) {
    return this.#keys.get(kid).removed
  }

  /** From when on the server has no excuse for trusting a key that was removed: its TTL later. */
  forgottenBy(kid) {
    const { removed } = this.#keys.get(kid)
    return this.#orAfterOutage(removed, removed + this.#ttlMs + this.#graceMs)
  }

  get #recovered() {
    return this.#outage.until + this.#cooldownMs + this.#graceMs
  }

  /** A change that an outage may have kept from the server reaches it after the outage. */
  #orAfterOutage(changed, usual) {
    const hidden = usual >= this.#outage.from && changed <= this.#outage.until
    return hidden ? Math.max(usual, this.#recovered) : usual
  }
}
