import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

const LOOPBACK = '127.0.0.1'

/**
 * Opens `server` on a loopback port, 0 for any free one, and returns its URL without a trailing slash.
 *
 * @throws the socket's own error, `EADDRINUSE` among them.
 */
export async function listen(server: Server, port: number): Promise<string> {
  server.listen(port, LOOPBACK)
  await once(server, 'listening')
  return `http://${LOOPBACK}:${(server.address() as AddressInfo).port}`
}

/** Stops accepting, drops idle connections, and waits for the requests that are still being answered. */
export async function close(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  await closed
}
