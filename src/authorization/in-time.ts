/** What took longer than it may. */
export class TimedOut extends Error {
  override readonly name = 'TimedOut'

  /** @param ms how long was waited, in milliseconds */
  constructor(ms: number) {
    super(`gave no answer within ${ms} ms`)
  }
}

/**
 * What a promise comes to, if it does so in time. What it comes to later, a failure included, is nobody's business.
 *
 * The clock stops with the answer, and keeps no process alive.
 *
 * @param ms from 1 to 2^31 - 1
 * @throws {TimedOut} as a rejection, when there is no answer by then.
 */
export function inTime<Value>(promise: PromiseLike<Value>, ms: number): Promise<Value> {
  return new Promise<Value>((resolve, reject) => {
    const timer = setTimeout(() => reject(new TimedOut(ms)), ms)
    timer.unref()
    promise.then(
      (value) => {
        clearTimeout(timer)
        resolve(value)
      },
      (error: unknown) => {
        clearTimeout(timer)
        reject(error)
      },
    )
  })
}
