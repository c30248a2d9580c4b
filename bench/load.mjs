import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

const CONNECTIONS = 50
/** Before, another process had the core: until a server's code and data are back in its caches, large ones seem slow. */
const SETTLE_SECONDS = 0.3
const HEADERS_END = Buffer.from('\r\n\r\n')

/**
 * Sends requests over keep-alive connections, one at a time on each, for as long as it is told.
 *
 * It talks HTTP by hand because the client must not be what is measured: an answer as long as the one before is
 * taken to be complete, any other is read properly. Answers count once all connections are under way.
 *
 * @param next the bytes of the next request
 * @returns answers per second once the server is under way, and its processor time for each in microseconds
 */
export async function load({ port, ask }, { next, seconds }) {
  let answers = 0
  let running = true
  const finished = converseAll(port, next, () => {
    answers++
    return running
  })
  const wait = (time) => Promise.race([sleep(time * 1000), finished])
  const state = async () => ({ cpu: await ask('cpu'), answers, at: performance.now() })

  pollWhile(() => running)
  await wait(SETTLE_SECONDS)
  const before = await state()
  await wait(seconds)
  const after = await state()
  running = false
  await finished
  const count = after.answers - before.answers
  return {
    perSecond: (count / (after.at - before.at)) * 1000,
    cpuMicros: (after.cpu - before.cpu) / count,
  }
}

/**
 * Has a server answer so many requests before it is measured. Code is compiled after so many calls, however long a
 * busy machine takes for them: seconds would leave the slower servers cold.
 */
export async function warmUp({ port }, { next, requests }) {
  let answers = 0
  await converseAll(port, next, () => ++answers < requests)
}

/** Goes on over all connections for as long as `isNotDone` says after an answer. */
function converseAll(port, next, isNotDone) {
  const onAnswer = (status) => {
    if (status !== 200) throw new Error(`a valid token was answered with ${status}`)
    return isNotDone() ? next() : undefined
  }
  return Promise.all(Array.from({ length: CONNECTIONS }, () => converse(port, next(), onAnswer)))
}

/**
 * Keeps this process from ever going to sleep. Waking it up would be the server's work, and the faster a server is,
 * the less often it would have to: the slower ones would look slower than they are.
 */
function pollWhile(isNeeded) {
  if (isNeeded()) setImmediate(pollWhile, isNeeded)
}

/** One connection: sends, waits for the whole answer, and goes on while `onAnswer` has another request. */
export function converse(port, first, onAnswer) {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    let usualLength = 0
    let received = Buffer.alloc(0)
    const finish = (bytes) => {
      received = Buffer.alloc(0)
      const request = onAnswer(statusOf(bytes), bytes)
      if (request === undefined) hangUp()
      else socket.write(request, 'latin1')
    }
    /** Whatever becomes of a connection that nobody needs any more is no failure. */
    const hangUp = () => {
      socket.off('error', reject).on('error', resolve)
      socket.end(resolve)
    }
    socket.on('connect', () => socket.write(first, 'latin1'))
    socket.on('error', reject)
    socket.on('close', () => reject(new Error('the server closed a connection')))
    socket.on('data', (chunk) => {
      try {
        if (received.length === 0 && chunk.length === usualLength && statusOf(chunk) === 200) return finish(chunk)
        received = received.length === 0 ? chunk : Buffer.concat([received, chunk])
        const length = answerLength(received)
        if (length === undefined || received.length < length) return
        if (statusOf(received) === 200) usualLength = length
        finish(received)
      } catch (error) {
        socket.destroy()
        reject(error)
      }
    })
  })
}

/** The three digits after `HTTP/1.1 `. */
function statusOf(bytes) {
  return (bytes[9] - 48) * 100 + (bytes[10] - 48) * 10 + (bytes[11] - 48)
}

/** Head and body together, in bytes; `undefined` while the head is incomplete. */
function answerLength(bytes) {
  const end = bytes.indexOf(HEADERS_END)
  if (end === -1) return undefined
  const [, length = '0'] = /\r\ncontent-length: *(\d+)/i.exec(bytes.latin1Slice(0, end)) ?? []
  return end + HEADERS_END.length + Number(length)
}
