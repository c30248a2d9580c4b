import { expect } from 'chai'
import { describe, it } from 'mocha'
import { ConnectionCredentials } from '../../src/authentication/connection-credentials.js'
import { MalformedRequestError } from '../../src/errors/malformed-request-error.js'

type Request = Parameters<ConnectionCredentials['of']>[0]

const request = (socket: object, authorization?: string, httpVersionMajor = 1): Request => ({
  socket,
  httpVersionMajor,
  headers: authorization === undefined ? {} : { authorization },
  rawHeaders: authorization === undefined ? [] : ['Authorization', authorization],
})

describe("a connection's credentials", () => {
  const digests = () => {
    const identified: string[] = []
    const credentials = new ConnectionCredentials((token) => {
      identified.push(token)
      return `id of ${token}`
    })
    return { credentials, identified }
  }

  it('are a token and what it is known by', () => {
    const { credentials } = digests()
    expect(credentials.of(request({}, 'Bearer abc'))).to.include({ token: 'abc', id: 'id of abc' })
    expect(credentials.of(request({}))).to.equal(undefined)
    expect(credentials.of(request({}, 'Basic abc'))).to.equal(undefined)
  })

  it('are digested once while they stay the same and are good', () => {
    const { credentials, identified } = digests()
    const socket = {}
    const first = credentials.of(request(socket, 'Bearer abc'))
    credentials.remember(request(socket, 'Bearer abc'), first as NonNullable<typeof first>)
    expect(credentials.of(request(socket, 'Bearer abc'))).to.equal(first)
    expect(identified).to.deep.equal(['abc'])
  })

  it('are nothing to another connection, and nothing once others have come', () => {
    const { credentials, identified } = digests()
    const socket = {}
    for (const token of ['abc', 'xyz', 'abc']) {
      const sent = request(socket, `Bearer ${token}`)
      const read = credentials.of(sent)
      expect(read).to.include({ token, id: `id of ${token}` })
      credentials.remember(sent, read as NonNullable<typeof read>)
    }
    credentials.of(request({}, 'Bearer abc'))
    expect(identified).to.deep.equal(['abc', 'xyz', 'abc', 'abc'])
  })

  it('are read anew where they were not good', () => {
    const { credentials, identified } = digests()
    const socket = {}
    credentials.of(request(socket, 'Bearer abc'))
    credentials.of(request(socket, 'Bearer abc'))
    expect(identified).to.deep.equal(['abc', 'abc'])
  })

  it('are not known to another application on the same connection', () => {
    const socket = {}
    const [one, other] = [digests(), digests()]
    const read = one.credentials.of(request(socket, 'Bearer abc'))
    one.credentials.remember(request(socket, 'Bearer abc'), read as NonNullable<typeof read>)
    other.credentials.of(request(socket, 'Bearer abc'))
    expect(other.identified).to.deep.equal(['abc'])
  })

  it('are not kept over HTTP/2', () => {
    const { credentials, identified } = digests()
    const socket = Object.freeze({})
    const sent = request(socket, 'Bearer abc', 2)
    credentials.remember(sent, credentials.of(sent) as NonNullable<ReturnType<typeof credentials.of>>)
    credentials.of(sent)
    expect(identified).to.deep.equal(['abc', 'abc'])
  })

  it('are not kept where nothing is remembered', () => {
    const credentials = new ConnectionCredentials(() => '')
    const socket = {}
    const first = credentials.of(request(socket, 'Bearer abc'))
    credentials.remember(request(socket, 'Bearer abc'), first as NonNullable<typeof first>)
    expect(credentials.of(request(socket, 'Bearer abc'))).not.to.equal(first)
  })

  it('are refused when a header of the same text comes with a second one', () => {
    const { credentials } = digests()
    const socket = {}
    const first = credentials.of(request(socket, 'Bearer abc'))
    credentials.remember(request(socket, 'Bearer abc'), first as NonNullable<typeof first>)
    const twice = {
      ...request(socket, 'Bearer abc'),
      rawHeaders: ['Authorization', 'Bearer abc', 'authorization', 'x'],
    }
    expect(() => credentials.of(twice)).to.throw(MalformedRequestError)
  })
})
