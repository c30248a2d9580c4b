import { AsyncResource } from 'node:async_hooks'
import { once } from 'node:events'
import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants, createServer } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { json } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { AllowAnonymous, Body, Controller, Get, Post, SecurityContext } from 'inversify-koa-auth'
import Koa from 'koa'
import { after, before, beforeEach, describe, it } from 'mocha'
import { eventually } from '../keys/eventually.js'
import { kit, loadContainer } from '../support/start-app.js'

/** What handlers have begun, and how they go on. */
const begun: { goOn: () => void; readonly caller: () => string | undefined }[] = []
let through = 0

@Controller('/slow')
class SlowController {
  @Get('/open')
  @AllowAnonymous()
  open() {
    return this.wait()
  }

  @Get('/own') async own() {
    return this.wait()
  }

  @Get('/quick') quick() {
    begun.push({ goOn: () => undefined, caller: AsyncResource.bind(() => SecurityContext.get()?.sub) })
    return { quick: true }
  }

  /** More than a client takes at once. */
  @Get('/endless') endless() {
    begun.push({ goOn: () => undefined, caller: AsyncResource.bind(() => SecurityContext.get()?.sub) })
    return new Readable({
      read(size) {
        this.push(Buffer.alloc(size))
      },
    })
  }

  @Get('/nothing-thrown')
  @AllowAnonymous()
  nothing() {
    return Promise.reject(undefined)
  }

  @Post('/body')
  @AllowAnonymous()
  body(@Body() body: unknown) {
    return { body }
  }

  private async wait() {
    try {
      await new Promise<void>((goOn) => {
        begun.push({ goOn, caller: AsyncResource.bind(() => SecurityContext.get()?.sub) })
      })
      return { late: true }
    } finally {
      through++
    }
  }
}

describe('over HTTP/2', () => {
  const errors: unknown[] = []
  let closed = 0
  let session: ClientHttp2Session
  let stop: () => Promise<void>

  before(async () => {
    const container = loadContainer({ controllers: [SlowController] })
    kit.install(container)
    const app = container.get<Koa>(Koa).on('error', (error) => errors.push(error))
    const server = createServer(app.callback()).listen(0, '127.0.0.1')
    server.on('stream', (stream) => stream.on('close', () => closed++))
    await once(server, 'listening')
    session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    stop = async () => {
      const ended = once(server, 'close')
      session.destroy()
      server.close()
      await ended
    }
  })
  after(() => stop())
  beforeEach(() => {
    errors.length = 0
    begun.length = 0
    closed = 0
    through = 0
  })

  const open = (path: string, headers = {}): ClientHttp2Stream => {
    const stream = session.request({ ':path': path, ...headers })
    return stream.on('error', () => undefined)
  }
  const hangUp = async (stream: ClientHttp2Stream) => {
    stream.close(constants.NGHTTP2_CANCEL)
    await eventually(() => closed === 1, 'the end of the stream')
  }
  const authorization = async () => ({ authorization: await kit.authorization({ sub: 'ann' }) })

  it('a client that hangs up is nobody’s failure', async () => {
    const stream = open('/slow/open')
    await eventually(() => begun.length === 1, 'the handler')
    await hangUp(stream)
    begun[0]?.goOn()
    await eventually(() => through === 1, 'the end of the handler')
    const { status } = await answer(open('/slow/quick', await authorization()))
    expect({ status, errors }).to.deep.equal({ status: 200, errors: [] })
  })

  for (const encoding of ['identity', 'gzip']) {
    it(`nor is one that hangs up while its body is read: ${encoding}`, async () => {
      const headers = { ':method': 'POST', 'content-type': 'application/json', 'content-encoding': encoding }
      const stream = open('/slow/body', headers)
      stream.write(encoding === 'gzip' ? gzipSync('{"a":1}').subarray(0, 15) : '{"a":')
      await answer(open('/slow/quick', await authorization()))
      closed = 0
      await hangUp(stream)
      await answer(open('/slow/quick', await authorization()))
      expect(errors).to.deep.equal([])
    })
  }

  it('a handler that fails with nothing is one', async () => {
    expect((await answer(open('/slow/nothing-thrown'))).status).to.equal(500)
    expect(errors).to.have.lengthOf(1)
  })

  it('the context ends with the response', async () => {
    const { status } = await answer(open('/slow/quick', await authorization()))
    await eventually(() => closed === 1, 'the end of the stream')
    expect([status, begun[0]?.caller()]).to.deep.equal([200, undefined])
  })

  it('the context ends with a response that is given up', async () => {
    const stream = open('/slow/endless', await authorization())
    await once(stream, 'response')
    expect(begun[0]?.caller(), 'while the response lasts').to.equal('ann')
    await hangUp(stream)
    expect(begun[0]?.caller()).to.equal(undefined)
  })

  it('the context ends with the handler, where the client has hung up before', async () => {
    const stream = open('/slow/own', await authorization())
    await eventually(() => begun.length === 1, 'the handler')
    expect(begun[0]?.caller()).to.equal('ann')
    await hangUp(stream)
    expect(begun[0]?.caller(), 'while the handler is at work').to.equal('ann')
    begun[0]?.goOn()
    await eventually(() => through === 1, 'the end of the handler')
    await eventually(() => begun[0]?.caller() === undefined, 'the end of the context')
  })
})

async function answer(stream: ClientHttp2Stream): Promise<{ status: unknown; body: unknown }> {
  const [headers] = await once(stream, 'response')
  return { status: headers[':status'], body: await json(stream).catch(() => undefined) }
}
