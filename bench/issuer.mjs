/**
 * A process that publishes the key set, to every subject under a path of its own: `/NAME/jwks`.
 *
 * It is 50 ms away, like an identity provider in the same region, and counts who asks how often.
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { answerQuestions } from './child.mjs'
import { issuerKeys } from './tokens.mjs'

const DISTANCE_MS = 50

const body = JSON.stringify({ keys: Object.values(issuerKeys()).map(({ jwk }) => jwk) })
const fetches = new Map()

const server = createServer(async (request, response) => {
  const [, name] = request.url.split('/')
  fetches.set(name, (fetches.get(name) ?? 0) + 1)
  await sleep(DISTANCE_MS)
  response.setHeader('content-type', 'application/json').end(body)
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')
answerQuestions({
  ready: () => ({ origin: `http://127.0.0.1:${server.address().port}` }),
  fetches: (name) => fetches.get(name) ?? 0,
})
