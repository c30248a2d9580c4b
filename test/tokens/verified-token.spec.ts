import { expect } from 'chai'
import { describe, it } from 'mocha'
import { deepFreeze } from '../../src/tokens/deep-freeze.js'
import { derivedFrom, keepDerived, verifiedToken } from '../../src/tokens/verified-token.js'

describe('a verified token', () => {
  it('has its header, its claims by their usual names, and all claims as they were written', () => {
    const token = verifiedToken({ alg: 'RS256', kid: 'a' }, { sub: 'ann', realm_access: { roles: ['admin'] } })
    expect(token.header).to.deep.equal({ alg: 'RS256', kid: 'a' })
    expect(token.claims.sub).to.equal('ann')
    expect(token.rawClaims).to.deep.equal({ sub: 'ann', realm_access: { roles: ['admin'] } })
  })

  it('is frozen all the way down', () => {
    const { header, claims, rawClaims, ...rest } = verifiedToken(
      { alg: 'RS256', jwk: { kty: 'RSA' } },
      { realm_access: { roles: ['admin', { nested: [] }] } },
    )
    expect(rest).to.deep.equal({})
    for (const value of everyObject([header, claims, rawClaims]).slice(1)) expect(Object.isFrozen(value)).to.equal(true)
  })

  it('is frozen itself', () => {
    expect(verifiedToken({ alg: 'RS256' }, {})).to.be.frozen
  })
})

describe('what is made of a token', () => {
  it('is kept with it, and with nothing that only looks like one', () => {
    const token = verifiedToken({ alg: 'RS256' }, { sub: 'ann' })
    const copy = { ...token }
    expect(derivedFrom(token)).to.equal(undefined)
    for (const each of [token, copy]) keepDerived(each, 'ann')
    expect([token, copy].map(derivedFrom)).to.deep.equal(['ann', undefined])
  })
})

describe('freezing', () => {
  it('comes back with the same value', () => {
    const value = { a: [1] }
    expect(deepFreeze(value)).to.equal(value)
    for (const plain of [1, 'a', null, undefined, true]) expect(deepFreeze(plain)).to.equal(plain)
  })

  it('comes to an end where values contain one another', () => {
    const ring: { next?: unknown } = {}
    ring.next = ring
    expect(deepFreeze(ring)).to.be.frozen
  })
})

function everyObject(value: unknown): readonly object[] {
  if (typeof value !== 'object' || value === null) return []
  return [value, ...Object.values(value).flatMap(everyObject)]
}
