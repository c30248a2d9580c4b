import { setTimeout as wait } from 'node:timers/promises'

const SETTLING_MS = 20

/** What would have ended the process while some work was done: rejections that nobody has taken care of. */
export async function unhandledRejections(work: () => Promise<void>): Promise<readonly unknown[]> {
  const reasons: unknown[] = []
  const listener = (reason: unknown) => reasons.push(reason)
  const others = process.listeners('unhandledRejection')
  process.removeAllListeners('unhandledRejection').on('unhandledRejection', listener)
  try {
    await work()
    await wait(SETTLING_MS)
  } finally {
    process.off('unhandledRejection', listener)
    for (const other of others) process.on('unhandledRejection', other)
  }
  return reasons
}
