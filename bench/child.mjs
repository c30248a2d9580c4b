import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { nodeOnCore } from './cores.mjs'

/**
 * Starts a script of this folder in a process of its own, on the servers' core, and waits until it is ready.
 *
 * @returns what it says when it is ready, `ask(question, ...details)` for more, and `stop()`
 */
export async function startChild(script, args = [], { core = 0, execArgv = [] } = {}) {
  const env = { ...process.env, NODE_ENV: 'production' }
  const { prefix, ...how } = nodeOnCore(core)
  const file = fileURLToPath(new URL(script, import.meta.url))
  const child = fork(file, args, { ...how, env, execArgv: [...prefix, ...execArgv] })
  const gone = once(child, 'exit').then(([code]) => {
    throw new Error(`${[script, ...args].join(' ')} ended with ${code}`)
  })
  gone.catch(() => undefined)
  const waiting = new Map()
  child.on('message', ({ id, ...answer }) => waiting.get(id)?.(answer))
  let asked = 0
  const ask = async (question, ...details) => {
    const id = asked++
    const answer = new Promise((resolve) => waiting.set(id, resolve))
    child.send({ id, question, details })
    const { result, error } = await Promise.race([answer, gone])
    waiting.delete(id)
    if (error !== undefined) throw new Error(error)
    return result
  }
  const stop = async () => {
    const ended = gone.catch(() => undefined)
    if (child.connected) child.disconnect()
    await ended
  }
  return { ...(await ask('ready')), ask, stop }
}

/** The child's side: answers questions, and ends when nobody is there to ask. */
export function answerQuestions(answers) {
  process.on('message', async ({ id, question, details }) => {
    try {
      process.send({ id, result: await answers[question](...details) })
    } catch (error) {
      process.send({ id, error: error.stack })
    }
  })
  process.on('disconnect', () => process.exit())
}
