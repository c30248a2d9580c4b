import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { expect } from 'chai'
import { after, before, describe, it } from 'mocha'
import { assertB64Token } from '../../src/authentication/bearer-token.js'
import { RecentCredentials } from '../../src/authentication/recent-credentials.js'
import { MalformedRequestError } from '../../src/errors/malformed-request-error.js'
import { LocalServer } from '../keys/local-server.js'

const credentials = new RecentCredentials({
  identify: (token) => token,
  recall: () => undefined,
  keep: () => undefined,
})
const bearerToken = (request: Pick<IncomingMessage, 'headers' | 'rawHeaders'>) => credentials.of(request)?.token

describe('the bearer token of a request', () => {
  let server: LocalServer
  before(async () => {
    server = await LocalServer.start()
  })
  after(() => server.close())

  /** A request as Node's parser hands it on, whatever bytes its header lines are. */
  const request = async (...lines: readonly string[]): Promise<IncomingMessage> => {
    const received = new Promise<IncomingMessage>((resolve) => {
      server.answer = (message, response) => {
        resolve(message)
        response.end()
      }
    })
    const socket = connect(Number(new URL(server.origin).port), '127.0.0.1')
    socket.end(['GET / HTTP/1.1', 'Host: x', 'Connection: close', ...lines, '', ''].join('\r\n'))
    const message = await Promise.race([received, once(socket, 'close').then(() => undefined)])
    if (message === undefined) throw new Error('the server has not understood the request')
    return message
  }
  const codeOf = async (...lines: readonly string[]) => {
    try {
      const token = credentials.of(await request(...lines))?.token
      if (token !== undefined) assertB64Token(token)
      return { token }
    } catch (error) {
      expect(error).to.be.instanceOf(MalformedRequestError)
      return (error as MalformedRequestError).code
    }
  }

  const B64 = 'AZaz09-._~+/=='
  const headers: readonly { lines: readonly string[]; is: string | { token: string | undefined } }[] = [
    { lines: [], is: { token: undefined } },
    { lines: ['Authorization: Bearer abc.def.ghi'], is: { token: 'abc.def.ghi' } },
    { lines: ['Authorization: bearer abc'], is: { token: 'abc' } },
    { lines: ['Authorization: BEARER abc'], is: { token: 'abc' } },
    { lines: ['AUTHORIZATION: bEaReR abc'], is: { token: 'abc' } },
    { lines: ['Authorization: Bearer    abc'], is: { token: 'abc' } },
    { lines: ['Authorization:   Bearer abc   '], is: { token: 'abc' } },
    { lines: [`Authorization: Bearer ${B64}`], is: { token: B64 } },
    { lines: ['Authorization: Basic YTpi'], is: { token: undefined } },
    { lines: ['Authorization: DPoP abc'], is: { token: undefined } },
    { lines: ['Authorization: Bearerabc'], is: { token: undefined } },
    { lines: ['Authorization: Bearer-abc'], is: { token: undefined } },
    { lines: ['Authorization: abc'], is: { token: undefined } },
    { lines: ['Authorization: Basic Bearer abc'], is: { token: undefined } },
    { lines: ['Authorization:'], is: { token: undefined } },
    { lines: ['X-Authorization: Bearer abc'], is: { token: undefined } },
    { lines: ['Proxy-Authorization: Bearer abc'], is: { token: undefined } },
    { lines: ['Cookie: access_token=abc'], is: { token: undefined } },
    { lines: ['Authorization: Bearer'], is: 'bearer_malformed' },
    { lines: ['Authorization: Bearer  '], is: 'bearer_malformed' },
    { lines: ['Authorization: Bearer\tabc'], is: 'bearer_malformed' },
    { lines: ['Authorization: Bearer \tabc'], is: 'bearer_malformed' },
    { lines: ['Authorization: Bearer,abc'], is: 'bearer_malformed' },
    { lines: ['Authorization: Bearer abc def'], is: 'bearer_malformed' },
    { lines: ['Authorization: Bearer abc,def'], is: 'bearer_malformed' },
    { lines: ['Authorization: Bearer abc, Bearer def'], is: 'bearer_malformed' },
    { lines: ['Authorization: Bearer Bearer abc'], is: 'bearer_malformed' },
    { lines: ['Authorization: Bearer "abc"'], is: 'bearer_malformed' },
    { lines: ['Authorization: Bearer abc=d'], is: 'bearer_malformed' },
    { lines: ['Authorization: Bearer ='], is: 'bearer_malformed' },
    { lines: ['Authorization: Bearer token=abc'], is: 'bearer_malformed' },
    { lines: ['Authorization: Bearer ab\u00e9'], is: 'bearer_malformed' },
    { lines: ['Authorization: Bearer abc', 'Authorization: Bearer abc'], is: 'credentials_repeated' },
    { lines: ['Authorization: Bearer abc', 'aUTHORIZATION: Bearer def'], is: 'credentials_repeated' },
    { lines: ['Authorization: Basic YTpi', 'Authorization: Bearer abc'], is: 'credentials_repeated' },
    { lines: ['Authorization: Basic YTpi', 'Authorization: Basic YTpi'], is: 'credentials_repeated' },
    { lines: ['Authorization:', 'Authorization: Bearer abc'], is: 'credentials_repeated' },
  ]
  for (const { lines, is } of headers) {
    const meaning = typeof is === 'string' ? is : is.token === undefined ? 'nobody' : 'a token'
    it(`is ${meaning}: ${JSON.stringify(lines.join(' | '))}`, async () => {
      expect(await codeOf(...lines)).to.deep.equal(is)
    })
  }

  it('is not in the query, nor in a header whose value says Authorization', async () => {
    expect(bearerToken({ headers: { 'x-a': 'authorization' }, rawHeaders: ['x-a', 'authorization'] })).to.equal(
      undefined,
    )
    const rawHeaders = ['Authorization', 'Bearer abc', 'X-A', 'authorization']
    expect(bearerToken({ headers: { authorization: 'Bearer abc' }, rawHeaders })).to.equal('abc')
    const asLong = ['Authorization', 'Bearer abc', 'X-Correlation', '1', 'If-None-Match', '"a"', 'If-None-Match', '"b"']
    expect(bearerToken({ headers: { authorization: 'Bearer abc' }, rawHeaders: asLong })).to.equal('abc')
  })

  for (const authorization of ['Bearer abc', 'Bearer  abc  ', 'bearer abc ']) {
    it(`may have spaces around it: ${JSON.stringify(authorization)}`, () => {
      expect(bearerToken({ headers: { authorization }, rawHeaders: [] })).to.equal('abc')
    })
  }

  it('is empty where nothing but spaces follow', () => {
    expect(bearerToken({ headers: { authorization: 'Bearer   ' }, rawHeaders: [] })).to.equal('')
  })

  for (const [what, value] of Object.entries({
    spaces: `Bearer ${' '.repeat(50_000)}!`,
    letters: `Bearer ${'a'.repeat(50_000)}!`,
    padding: `Bearer a${'='.repeat(50_000)}!`,
  })) {
    it(`is refused, however many ${what} come before what is wrong`, () => {
      const token = bearerToken({ headers: { authorization: value }, rawHeaders: ['authorization', value] })
      expect(() => assertB64Token(token ?? '')).to.throw(MalformedRequestError)
    })
  }
})
