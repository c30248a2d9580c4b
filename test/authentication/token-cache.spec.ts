import { expect } from 'chai'
import type { CryptoKey } from 'jose'
import { describe, it } from 'mocha'
import { KnownToken, TokenCache } from '../../src/authentication/token-cache.js'
import { verifiedToken } from '../../src/tokens/verified-token.js'

const known = (sub: string) => new KnownToken(verifiedToken({ alg: 'RS256' }, { sub }), {} as CryptoKey, 1000)

describe('the cache of verified tokens', () => {
  it('knows a token by a digest, never by the token itself', () => {
    const cache = new TokenCache(2)
    expect(cache.identify('a.b.c')).to.match(/^[A-Za-z0-9+/]{43}=$/)
    expect(cache.identify('a.b.c')).to.equal(cache.identify('a.b.c'))
    expect(cache.identify('a.b.c')).not.to.equal(cache.identify('a.b.C'))
  })

  it('remembers what was verified', async () => {
    const cache = new TokenCache(2)
    const ann = known('ann')
    expect(await cache.remember('1', async () => ann)).to.equal(ann)
    expect(cache.get('1')).to.equal(ann)
  })

  it('gives the place of the least recently used token to one that comes again when it is full', async () => {
    const cache = new TokenCache(2)
    const ids = ['ann', 'bob', 'cat'].map((token) => cache.identify(token))
    const come = async (index: number) => cache.remember(ids[index] as string, async () => known(String(index)))
    const remembered = () => ids.map((id) => cache.get(id)?.verified.claims.sub)
    await come(0)
    await come(1)
    cache.get(ids[0] as string)
    await come(2)
    expect(remembered()).to.deep.equal(['0', '1', undefined])
    cache.get(ids[0] as string)
    await come(2)
    expect(remembered()).to.deep.equal(['0', undefined, '2'])
  })

  it('gives a token that is in use its place back, whoever took it', async () => {
    const cache = new TokenCache(1)
    const [ann, bob] = [known('ann'), known('bob')]
    const come = (id: string, token: KnownToken) => cache.remember(cache.identify(id), () => token)
    const remembers = (id: string) => cache.get(cache.identify(id)) !== undefined
    come('ann', ann)
    come('bob', bob)
    come('bob', bob)
    expect([remembers('ann'), remembers('bob')]).to.deep.equal([false, true])
    cache.keep(cache.identify('ann'), ann)
    expect([remembers('ann'), remembers('bob')]).to.deep.equal([true, false])
  })

  it('does not put what is known of a token in the place of what it knows itself', () => {
    const cache = new TokenCache(2)
    const [one, other] = [known('ann'), known('ann')]
    cache.remember('1', () => one)
    cache.keep('1', other)
    expect(cache.get('1')).to.equal(one)
  })

  it('keeps a token that is in use from being the least recently used', () => {
    const cache = new TokenCache(2)
    const ids = ['ann', 'bob', 'cat'].map((token) => cache.identify(token)) as [string, string, string]
    const ann = known('ann')
    cache.remember(ids[0], () => ann)
    cache.remember(ids[1], () => known('bob'))
    cache.keep(ids[0], ann)
    for (let again = 0; again < 2; again++) cache.remember(ids[2], () => known('cat'))
    expect(ids.map((id) => cache.get(id) !== undefined)).to.deep.equal([true, false, true])
  })

  it('keeps the tokens that come all the time when thousands of others come once each', () => {
    const cache = new TokenCache(100)
    const come = (token: string) => {
      const id = cache.identify(token)
      if (cache.get(id) !== undefined) return true
      cache.remember(id, () => known(token))
      return false
    }
    for (let user = 0; user < 50; user++) come(`user ${user}`)
    let hits = 0
    for (let other = 0; other < 5_000; other++) {
      come(`other ${other}`)
      if (come(`user ${other % 50}`)) hits++
    }
    expect(hits).to.equal(5_000)
  })

  it('lets callers with the same new token share one verification', async () => {
    const cache = new TokenCache(2)
    let verifications = 0
    const verify = async () => {
      verifications++
      await new Promise((resolve) => setTimeout(resolve, 5))
      return known('ann')
    }
    const all = await Promise.all(Array.from({ length: 20 }, () => cache.remember('1', verify)))
    expect(verifications).to.equal(1)
    expect(new Set(all).size).to.equal(1)
  })

  it('remembers no failure, and tells every caller of it', async () => {
    const cache = new TokenCache(2)
    const fail = async () => {
      throw new RangeError('no')
    }
    const outcomes = await Promise.allSettled([cache.remember('1', fail), cache.remember('1', fail)])
    expect(outcomes.map(({ status }) => status)).to.deep.equal(['rejected', 'rejected'])
    expect(cache.get('1')).to.equal(undefined)
    await cache.remember('1', async () => known('ann'))
    expect(cache.get('1')?.verified.claims.sub).to.equal('ann')
  })

  it('forgets a token on request', async () => {
    const cache = new TokenCache(2)
    await cache.remember('1', async () => known('ann'))
    cache.forget('1')
    expect(cache.get('1')).to.equal(undefined)
  })

  it('does nothing with size 0: every caller verifies', async () => {
    const cache = new TokenCache(0)
    let verifications = 0
    const verify = async () => known(`caller-${++verifications}`)
    expect(cache.identify('a.b.c')).to.equal('')
    cache.keep('', known('ann'))
    expect(cache.get('')).to.equal(undefined)
    await Promise.all([cache.remember('', verify), cache.remember('', verify)])
    cache.forget('')
    expect(verifications).to.equal(2)
    expect(cache.get('')).to.equal(undefined)
  })
})
