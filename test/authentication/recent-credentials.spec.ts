import { AsyncLocalStorage } from 'node:async_hooks'
import { setTimeout as wait } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect } from 'chai'
import { describe, it } from 'mocha'
import { type Credentials, RecentCredentials } from '../../src/authentication/recent-credentials.js'
import type { KnownToken } from '../../src/authentication/token-cache.js'
import { MalformedRequestError } from '../../src/errors/malformed-request-error.js'

const request = (authorization?: string) => ({
  headers: authorization === undefined ? {} : { authorization },
  rawHeaders: authorization === undefined ? [] : ['Authorization', authorization],
})

function reader(generationMs?: number) {
  const identified: string[] = []
  const identify = (token: string) => {
    identified.push(token)
    return `id of ${token}`
  }
  /** Tokens are good, and so remembered, unless they are called fresh. */
  const known = {} as KnownToken
  const recall = (id: string) => (id.includes('fresh') ? undefined : known)
  const kept: { readonly id: string; readonly known: KnownToken }[] = []
  const keep = (id: string, known: KnownToken) => kept.push({ id, known })
  const credentials = new RecentCredentials({ identify, recall, keep }, generationMs)
  const read = (token: string) => credentials.of(request(`Bearer ${token}`)) as Credentials
  const readGood = (token: string) => {
    const good = read(token)
    credentials.remember(good)
    return good
  }
  return { credentials, identified, kept, read, readGood }
}

function rememberIn(storage: AsyncLocalStorage<object>, remember: (token: string) => unknown): object {
  remember('abc')
  return storage.getStore() as object
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
}

describe('recent credentials', () => {
  it('are a token and what it is known by', () => {
    const { credentials, read } = reader()
    expect(read('abc')).to.include({ token: 'abc', id: 'id of abc' })
    expect(credentials.of(request())).to.equal(undefined)
    expect(credentials.of(request('Basic abc'))).to.equal(undefined)
  })

  it('are digested once where they are good', () => {
    const { identified, read, readGood } = reader()
    const first = readGood('abc')
    expect(read('abc')).to.equal(first)
    expect(read('abc')).to.equal(first)
    expect(identified).to.deep.equal(['abc'])
  })

  it('are digested every time where they are not', () => {
    const { identified, read } = reader()
    read('abc')
    read('abc')
    expect(identified).to.deep.equal(['abc', 'abc'])
  })

  it('are told apart however much they look alike', () => {
    const { read, readGood } = reader()
    const end = 'x'.repeat(100)
    readGood(`a${end}`)
    expect(read(`b${end}`)).to.include({ token: `b${end}`, id: `id of b${end}` })
    readGood(`b${end}`)
    expect(read(`a${end}`)).to.include({ token: `a${end}`, id: `id of a${end}` })
    expect(read(`b${end}`)).to.include({ token: `b${end}`, id: `id of b${end}` })
  })

  it('are not kept when their token comes for the first time', () => {
    const { read, readGood } = reader()
    const first = readGood('fresh')
    expect(read('fresh')).not.to.equal(first)
  })

  it('are refused when a known header comes with a second one', () => {
    const { credentials, readGood } = reader()
    readGood('abc')
    const rawHeaders = ['Authorization', 'Bearer abc', 'authorization', 'x']
    expect(() => credentials.of({ ...request('Bearer abc'), rawHeaders })).to.throw(MalformedRequestError)
  })

  it('give way to newer ones when there are many, those that are in use last', () => {
    const { identified, readGood } = reader()
    readGood('often')
    for (let number = 0; number < 5_000; number++) {
      readGood(`other ${number}`)
      readGood('often')
    }
    readGood('other 0')
    expect(identified.filter((token) => token === 'often')).to.deep.equal(['often'])
    expect(identified.filter((token) => token === 'other 0')).to.deep.equal(['other 0', 'other 0'])
  })

  it('are kept once a generation, with what is known of them, so that a cache learns which tokens are in use', () => {
    const { kept, readGood } = reader()
    const often = readGood('often')
    readGood('often')
    const told = { id: 'id of often', known: often.known }
    expect(kept).to.deep.equal([told])
    for (let number = 0; number < 1_024; number++) readGood(`other ${number}`)
    for (let again = 0; again < 3; again++) expect(readGood('often')).to.equal(often)
    expect(kept.filter(({ id }) => id === told.id)).to.deep.equal([told, told])
  })

  it('tell a cache nothing of a token that has been forgotten', () => {
    const { kept, readGood } = reader()
    const withdrawn = readGood('withdrawn')
    withdrawn.known = undefined
    for (let number = 0; number < 1_024; number++) readGood(`other ${number}`)
    expect(readGood('withdrawn')).to.equal(withdrawn)
    expect(kept.filter(({ id }) => id === 'id of withdrawn')).to.have.length(1)
  })

  it('keep nothing else of the request that brought them', async () => {
    const { readGood } = reader()
    const storage = new AsyncLocalStorage<object>()
    const ofRequest = new WeakRef(storage.run({}, () => rememberIn(storage, readGood)))
    await wait(1)
    collectGarbage()
    expect(ofRequest.deref()).to.equal(undefined)
  })

  it('are forgotten when nobody sends them any more', async () => {
    const { identified, readGood } = reader(5)
    readGood('abc')
    await wait(100)
    readGood('abc')
    expect(identified).to.deep.equal(['abc', 'abc'])
  })
})
