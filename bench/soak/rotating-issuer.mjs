import { once } from 'node:events'
import { createServer } from 'node:http'

/** Ways for an endpoint to be down, in turn: it fails, it breaks off, it says nothing. */
const FAULTS = [
  (response) => response.writeHead(500).end(),
  (response) => response.destroy(),
  (response) => response.on('close', () => response.destroy()),
]

/** Publishes whatever keys are current, except while it is down. */
export async function rotatingIssuer() {
  let isDown = () => false
  let published = []
  let fetches = 0
  const server = createServer((_request, response) => {
    fetches++
    if (isDown()) FAULTS[fetches % FAULTS.length](response)
    else response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: published }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    publish: (keys) => {
      published = keys.map(({ jwk }) => jwk)
    },
    downWhen: (condition) => {
      isDown = condition
    },
    fetches: () => fetches,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}
