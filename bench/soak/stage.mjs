import { keyPair } from '../tokens.mjs'
import { castFor, strangerToken } from './cast.mjs'

/** A short-lived token ends while its key is still published: that is for two rotations. */
const SHORT_LIFE = 1.3

const REMEMBERED_REMOVED = 2

/** What clients try, each until so many per cent. Where there is no such key yet, they try the current one. */
const MIX = [
  [60, ({ current }) => any(current.good)],
  [65, ({ current }) => any(current.viewers)],
  [68, ({ current }) => any(current.shortLived)],
  [83, ({ previous }) => any(previous.good)],
  [85, ({ previous }) => any(previous.shortLived)],
  [88, ({ removed }) => any(any(removed).good)],
  [97, ({ current }) => any(current.forged)],
  [100, () => strangerToken()],
]

/** The issuer's keys as they come and go, and the requests that are made with them. */
export class Stage {
  #issuer
  #timeline
  #plan
  #stranger = keyPair('stranger')
  #count = 0
  #next
  #keys = []
  #casts = []

  constructor(issuer, timeline, plan) {
    this.#issuer = issuer
    this.#timeline = timeline
    this.#plan = plan
  }

  /** Signs with a new key from now on, keeps publishing the one before, and removes the one before that. */
  async rotate() {
    const { key, cast } = await (this.#next ?? this.#prepare(0))
    const [, removed] = this.#keys
    this.#keys = [key, ...this.#keys.slice(0, 1)]
    this.#casts = [cast, ...this.#casts.slice(0, 1 + REMEMBERED_REMOVED)]
    this.#issuer.publish(this.#keys)
    const now = Date.now()
    this.#timeline.introduce(key.kid, now)
    if (removed !== undefined) this.#timeline.remove(removed.kid, now)
    this.#next = this.#prepare(this.#plan.rotation)
    this.#next.catch(() => undefined)
  }

  /** The next request. */
  attempt() {
    const [current, previous = current, ...older] = this.#casts
    const removed = older.length > 0 ? older : [current]
    const lot = Math.random() * 100
    const [, choose] = MIX.find(([until]) => lot < until)
    return choose({ current, previous, removed })
  }

  async #prepare(startsIn) {
    const key = keyPair(`key-${this.#count++}`)
    const { rotation, tokensPerKey } = this.#plan
    const lifetime = Math.round(startsIn + rotation * SHORT_LIFE)
    return { key, cast: await castFor(key, this.#stranger, { tokensPerKey, lifetime }) }
  }
}

function any(list) {
  return list[Math.floor(Math.random() * list.length)]
}
