import { summary } from '../statistics.mjs'

const MEBIBYTE = 2 ** 20

/**
 * How much memory may grow from the first third of a soak to the last.
 *
 * Both thirds have the same load and a full token cache. Even 40 seconds are some 100,000 requests between
 * the two, so a leak of 100 bytes a request adds 10 MiB to the heap. Resident memory also holds what the
 * allocator keeps for later, a few times what the young generation needs (16 MiB to a semi-space).
 */
const BOUNDS = { heapUsed: 8 * MEBIBYTE, rss: 48 * MEBIBYTE }

/** Collects the server's memory over time, after a garbage collection each. */
export class MemoryWatch {
  #samples = []

  add(sample) {
    this.#samples.push(sample)
  }

  /** Growth between the medians of the first and the last third, in MiB, and whether that is flat. */
  growth() {
    const third = Math.floor(this.#samples.length / 3)
    return Object.entries(BOUNDS).map(([what, bound]) => {
      const values = this.#samples.map((sample) => sample[what])
      const [first, last] = [values.slice(0, third), values.slice(-third)].map((part) => summary(part).median)
      return {
        what,
        first: first / MEBIBYTE,
        last: last / MEBIBYTE,
        bound: bound / MEBIBYTE,
        flat: last - first <= bound,
      }
    })
  }
}
