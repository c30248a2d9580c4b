import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** An answer as it came over the wire. */
export interface RawAnswer {
  readonly status: number
  readonly head: string
  readonly body: string
}

/** Writes bytes as they are and waits for the first answer's head and body; the socket stays open meanwhile. */
export async function rawExchange(port: number, ...lines: readonly string[]): Promise<RawAnswer> {
  const socket = await openSocket(port)
  try {
    socket.write(lines.join('\r\n'), 'latin1')
    return await readAnswer(socket)
  } finally {
    socket.destroy()
  }
}

export async function openSocket(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  // A server that closes a connection early resets it; what it has answered by then is what counts.
  socket.on('error', () => undefined)
  return socket
}

/** Reads one answer with a Content-Length, or all there is until the server closes the connection. */
export async function readAnswer(socket: Socket): Promise<RawAnswer> {
  let text = ''
  try {
    for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
      text += (chunk as Buffer).toString('latin1')
      const answer = parse(text)
      if (answer !== undefined) return answer
    }
  } catch {
    // A reset may even come before the answer: then the status is 0.
  }
  const [head = '', body = ''] = text.split('\r\n\r\n')
  return { status: statusOf(head), head, body }
}

function parse(text: string): RawAnswer | undefined {
  const end = text.indexOf('\r\n\r\n')
  if (end === -1) return undefined
  const head = text.slice(0, end)
  const body = text.slice(end + 4)
  const length = /^content-length: (\d+)$/im.exec(head)?.[1]
  return length !== undefined && body.length >= Number(length) ? { status: statusOf(head), head, body } : undefined
}

function statusOf(head: string): number {
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0)
}
