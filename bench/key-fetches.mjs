import { randomBytes, randomUUID } from 'node:crypto'
import { converse } from './load.mjs'
import { requestFor } from './requests.mjs'
import { startSubject } from './subjects.mjs'
import { claims, signingInput, subject as subjectName } from './tokens.mjs'

const AT_ONCE = 200

/** One good token among so many forged ones tells whether a flood locks out those who are known. */
const GOOD_ONE_IN = 20

/**
 * How often each subject asks the issuer for keys: for 200 requests at once after a cold start, and while it is
 * flooded with tokens whose key id nobody has heard of.
 */
export function keyFetches(subjects, issuer, token, { forged, seconds }) {
  return Promise.all(subjects.map((subject) => underAttack(subject, issuer, token, { forged, seconds })))
}

async function underAttack(subject, issuer, token, { forged, seconds }) {
  const server = await startSubject(subject, issuer)
  const answers = (count, makeToken, over) => answered(server.port, count, makeToken, over)
  const fetched = async (work) => {
    const before = await issuer.ask('fetches', subject.name)
    const statuses = await work()
    return { fetches: (await issuer.ask('fetches', subject.name)) - before, statuses }
  }
  const coldStart = await fetched(() => answers(AT_ONCE, () => token, 0))
  let refused = 0
  const flood = await fetched(async () => {
    const [statuses, good] = await Promise.all([
      answers(forged, forgedToken, seconds),
      answers(Math.ceil(forged / GOOD_ONE_IN), () => token, seconds),
    ])
    refused = good.filter((status) => status !== 200).length
    return statuses
  })
  await server.stop()
  if (flood.statuses.includes(200)) throw new Error(`${subject.title} accepted a forged token`)
  return {
    subject,
    coldStart: coldStart.fetches,
    coldFailures: coldStart.statuses.filter((status) => status !== 200).length,
    flood: flood.fetches,
    refused,
  }
}

/** The statuses of so many requests, spread evenly over some seconds, each on a connection of its own. */
function answered(port, count, makeToken, seconds) {
  const one = async (_, index) => {
    await new Promise((resolve) => setTimeout(resolve, (index / count) * seconds * 1000))
    return answerTo(port, requestFor(makeToken()))
  }
  return Promise.all(Array.from({ length: count }, one))
}

function forgedToken() {
  const input = signingInput(claims(subjectName(0)), { alg: 'RS256', kid: randomUUID() })
  return `${input}.${randomBytes(256).toString('base64url')}`
}

/** A machine that is out of breath may reset a new connection; what counts is what a server answers. */
async function answerTo(port, request, attempts = 3) {
  let answer
  try {
    await converse(port, request, (status) => {
      answer = status
      return undefined
    })
  } catch (error) {
    if (error.code !== 'ECONNRESET' || attempts === 1) throw error
    return answerTo(port, request, attempts - 1)
  }
  return answer
}
