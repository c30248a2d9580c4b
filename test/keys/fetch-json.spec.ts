import { type AddressInfo, createServer } from 'node:net'
import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { afterEach, beforeEach, describe, it } from 'mocha'
import { FetchError, fetchJson } from '../../src/keys/fetch-json.js'
import { byPath, json, LocalServer, status } from './local-server.js'
import { rejection } from './rejection.js'

const MEBIBYTE = 1024 * 1024

describe('fetching JSON', () => {
  let server: LocalServer
  beforeEach(async () => {
    server = await LocalServer.start()
  })
  afterEach(() => server.close())

  const get = (path = '/keys', timeoutMs = 5000) => fetchJson(`${server.origin}${path}`, { timeoutMs })
  const failing = (path?: string, timeoutMs?: number) => rejection(get(path, timeoutMs), FetchError)

  it('yields the document, whatever its media type', async () => {
    server.answer = (_request, response) => response.end('{"keys":[]}')
    expect(await get()).to.deep.equal({ keys: [] })
  })

  it('asks for JSON, without credentials unless it has some', async () => {
    const asked: unknown[] = []
    server.answer = ({ headers: { accept, authorization } }, response) => {
      asked.push({ accept, authorization })
      response.end('{}')
    }
    await get()
    await fetchJson(`${server.origin}/keys`, { timeoutMs: 5000, bearer: 'secret' })
    expect(asked).to.deep.equal([
      { accept: 'application/json', authorization: undefined },
      { accept: 'application/json', authorization: 'Bearer secret' },
    ])
  })

  for (const { what, body } of [
    { what: 'HTML', body: '<html></html>' },
    { what: 'nothing', body: '' },
    { what: 'half a document', body: '{"keys":[' },
    { what: 'a byte order mark', body: '\ufeff{}' },
  ]) {
    it(`fails on ${what}`, async () => {
      server.answer = (_request, response) => response.end(body)
      const { message, status } = await failing()
      expect({ message, status }).to.deep.equal({
        message: `${server.origin}/keys did not send JSON`,
        status: undefined,
      })
    })
  }

  it('fails on a status that has no body', async () => {
    server.answer = status(204)
    expect((await failing()).message).to.contain('did not send JSON')
  })

  for (const code of [304, 400, 404, 429, 500, 503]) {
    it(`fails on the status ${code}`, async () => {
      server.answer = status(code)
      const error = await failing()
      expect(error).to.include({ name: 'FetchError', status: code, message: `${server.origin}/keys answered ${code}` })
    })
  }

  it('fails on a redirect that leads nowhere', async () => {
    server.answer = status(302)
    expect(await failing()).to.have.property('status', 302)
  })

  for (const code of [200, 299, 400, 404, 503]) {
    it(`does not follow the location of an answer that is no redirect: ${code}`, async () => {
      server.answer = byPath({ '/keys': status(code, { location: '/moved' }), '/moved': json({ keys: [] }) })
      await failing()
      expect(server.requests).to.deep.equal(['/keys'])
    })
  }

  describe('follows redirects', () => {
    for (const code of [300, 301, 302, 303, 307, 308]) {
      it(`within the origin: ${code}`, async () => {
        server.answer = byPath({ '/keys': status(code, { location: '/moved?a=1' }), '/moved?a=1': json({ keys: [] }) })
        expect(await get()).to.deep.equal({ keys: [] })
        expect(server.requests).to.deep.equal(['/keys', '/moved?a=1'])
      })
    }

    it('three times at most', async () => {
      const hop = (n: number) => status(302, { location: `/${n}` })
      server.answer = byPath({ '/keys': hop(1), '/1': hop(2), '/2': hop(3), '/3': json({}) })
      expect(await get()).to.deep.equal({})
      server.answer = byPath({ '/keys': hop(1), '/1': hop(2), '/2': hop(3), '/3': hop(4), '/4': json({}) })
      expect((await failing()).message).to.equal(`${server.origin}/keys redirects too often`)
      expect(server.requests).not.to.contain('/4')
    })

    it('not in a circle', async () => {
      server.answer = status(302, { location: '/keys' })
      expect((await failing()).message).to.contain('redirects too often')
      expect(server.requests).to.have.length(4)
    })

    it('not to another origin', async () => {
      const elsewhere = await LocalServer.start(json({ keys: ['forged'] }))
      try {
        for (const location of [elsewhere.origin, `${server.origin.replace('127.0.0.1', 'localhost')}/keys`]) {
          server.answer = status(302, { location })
          expect((await failing()).message).to.equal(`${server.origin}/keys redirects to another origin`)
        }
        expect(elsewhere.requests).to.deep.equal([])
      } finally {
        await elsewhere.close()
      }
    })

    it('not to another origin after one of its own', async () => {
      server.answer = byPath({
        '/keys': status(302, { location: '/next' }),
        '/next': status(302, { location: 'http://localhost:1/' }),
      })
      expect((await failing()).message).to.contain('redirects to another origin')
    })

    it('not to something that is no URL', async () => {
      server.answer = status(302, { location: 'http://' })
      expect((await failing()).message).to.equal(`${server.origin}/keys redirects to something that is not a URL`)
    })
  })

  describe('reads at most 1 MiB', () => {
    const document = (size: number) => `"${'a'.repeat(size - 2)}"`

    it('to the byte', async () => {
      server.answer = (_request, response) => response.end(document(MEBIBYTE))
      expect(await get()).to.have.length(MEBIBYTE - 2)
      server.answer = (_request, response) => response.end(document(MEBIBYTE + 1))
      expect((await failing()).message).to.equal(`${server.origin}/keys sent more than ${MEBIBYTE} bytes`)
    })

    it('after decompression', async () => {
      server.answer = (_request, response) => {
        response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(document(64 * MEBIBYTE)))
      }
      expect((await failing()).message).to.contain('sent more than')
    })

    it('of a document without end', async () => {
      let closed: () => void = () => undefined
      const hungUp = new Promise<void>((resolve) => {
        closed = resolve
      })
      server.answer = (_request, response) => {
        response.on('close', closed)
        const more = () => {
          while (!response.destroyed && response.write('a'.repeat(65_536)));
          if (!response.destroyed) response.once('drain', more)
        }
        more()
      }
      expect((await failing()).message).to.contain('sent more than')
      await hungUp
    })
  })

  describe('takes no longer than it may', () => {
    const answers = {
      'when nothing is sent': () => undefined,
      'when the body never comes': (response: { write(text: string): void; flushHeaders(): void }) =>
        response.flushHeaders(),
      'when the body comes byte by byte': (response: { write(text: string): void; destroyed?: boolean }) => {
        const drip = setInterval(() => (response.destroyed ? clearInterval(drip) : response.write(' ')), 20)
      },
    }
    for (const [what, answer] of Object.entries(answers)) {
      it(what, async () => {
        server.answer = (_request, response) => answer(response)
        const error = await failing('/keys', 150)
        expect(error.message).to.equal(`${server.origin}/keys did not answer within 150 ms`)
      })
    }

    it('redirects included', async () => {
      server.answer = (request, response) => {
        setTimeout(() => response.writeHead(302, { location: `${request.url}x` }).end(), 80)
      }
      expect((await failing('/a', 150)).message).to.contain('did not answer within 150 ms')
    })
  })

  describe('fails when there is no answer', () => {
    it('because nobody listens', async () => {
      const { origin } = server
      await server.close()
      const error = await rejection(fetchJson(`${origin}/keys`, { timeoutMs: 1000 }), FetchError)
      expect(error.message).to.equal(`${origin}/keys could not be reached`)
      expect(error.cause).to.be.instanceOf(Error)
    })

    it('because the connection breaks in the middle', async () => {
      server.answer = (_request, response) => {
        response.writeHead(200, { 'content-length': '100' })
        response.write('{"keys":', () => response.destroy())
      }
      expect((await failing()).message).to.contain('could not be reached')
    })

    it('because it is not HTTP', async () => {
      const plain = createServer((socket) => socket.end('220 mail ready\r\n')).listen(0, '127.0.0.1')
      try {
        await new Promise((resolve) => plain.once('listening', resolve))
        const url = `http://127.0.0.1:${(plain.address() as AddressInfo).port}/`
        const error = await rejection(fetchJson(url, { timeoutMs: 1000 }), FetchError)
        expect(error.message).to.contain('could not be reached')
      } finally {
        plain.close()
      }
    })

    it('because the address is none', async () => {
      const error = await rejection(fetchJson('nowhere', { timeoutMs: 1000 }), FetchError)
      expect(error.message).to.equal('nowhere could not be reached')
    })
  })
})
