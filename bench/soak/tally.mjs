import { wrongAnswer } from './judge.mjs'

const SHOWN = 10

/** Counts answers by kind of request and by status, and keeps those that were wrong. */
export class Tally {
  #timeline
  #kinds = new Map()
  #shown = []
  wrong = 0
  answers = 0

  constructor(timeline) {
    this.#timeline = timeline
  }

  add(attempt, answer) {
    this.answers++
    const statuses = this.#kinds.get(attempt.says) ?? new Map()
    this.#kinds.set(attempt.says, statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1))
    const complaint = wrongAnswer(attempt, answer, this.#timeline)
    if (complaint !== undefined) this.complain(complaint)
  }

  complain(complaint) {
    this.wrong++
    if (this.#shown.length < SHOWN) this.#shown.push(complaint)
  }

  /** The first wrong answers, in words. */
  get complaints() {
    return this.#shown
  }

  /** Kind by kind: how often which status. */
  rows() {
    return [...this.#kinds].sort().map(([says, statuses]) => {
      const counts = [...statuses].sort().map(([status, count]) => `${status}: ${count.toLocaleString('en')}`)
      return [says, counts.join(', ')]
    })
  }
}
