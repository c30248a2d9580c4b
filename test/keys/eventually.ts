import { setTimeout as wait } from 'node:timers/promises'

const PATIENCE_MS = 5000

/** Waits until something holds; the test's own failure when it never does. */
export async function eventually(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const started = performance.now()
  while (!(await holds())) {
    if (performance.now() - started > PATIENCE_MS) throw new Error(`waited in vain: ${what}`)
    await wait(5)
  }
}
