import { expect } from 'chai'
import fc from 'fast-check'
import { IdentityEnvelopeError } from 'inversify-koa-auth'
import { describe, it } from 'mocha'
import { identityEnvelope } from '../../src/context/identity-envelope.js'
import { envelope } from '../support/envelope.js'

const ANN = envelope()

const LISTS = ['roles', 'groups', 'scopes', 'permissions']
const TEXTS = ['sub', 'tenant', 'clientId', 'issuer']
const TIMES = ['issuedAt', 'expiresAt']
const MEMBERS = Object.keys(ANN)

const without = (name: string): object => Object.fromEntries(Object.entries(ANN).filter(([member]) => member !== name))
const withMember = (name: string, value: unknown): object => ({ ...ANN, [name]: value })
const inJson = (member: string): unknown => JSON.parse(JSON.stringify(ANN).replace('{', `{${member},`))

/** As many members as there have to be, and the one that is no member of its own is sound. */
const inheriting = (name: string): object =>
  Object.assign(Object.create({ [name]: Object.entries(ANN).find(([each]) => each === name)?.[1] }), {
    ...without(name),
    other: 1,
  })

function refuses(value: unknown): void {
  expect(() => identityEnvelope(value))
    .to.throw(IdentityEnvelopeError)
    .with.property('code', 'identity_malformed')
}

const anyJson = fc.jsonValue() as fc.Arbitrary<unknown>

describe('an identity envelope', () => {
  it('is read as a frozen copy', () => {
    const written = ANN
    const read = identityEnvelope(written)
    expect(read).to.deep.equal(written)
    expect(read).not.to.equal(written)
    for (const name of LISTS) expect(read).to.have.property(name).that.is.frozen
    expect(read).to.be.frozen
  })

  it('may come from anywhere a plain object can come from', () => {
    const bare = Object.assign(Object.create(null), ANN)
    for (const value of [bare, structuredClone(ANN), JSON.parse(JSON.stringify(ANN))]) {
      expect(identityEnvelope(value)).to.deep.equal(ANN)
    }
  })

  for (const name of MEMBERS) {
    it(`needs ${name}`, () => refuses(without(name)))
    it(`needs ${name} to be its own`, () => refuses(inheriting(name)))
    it(`takes no null for ${name}`, () => refuses(withMember(name, null)))
  }

  for (const v of [0, 2, 1.5, '1', true, [1]])
    it(`is of no version ${JSON.stringify(v)}`, () => refuses(withMember('v', v)))

  for (const name of TEXTS) {
    for (const value of [1, true, ['ann'], { toString: () => 'ann' }, new String('ann')]) {
      it(`takes no ${Object.prototype.toString.call(value)} for ${name}`, () => refuses(withMember(name, value)))
    }
  }

  for (const name of LISTS) {
    for (const { what, value } of [
      { what: 'a text', value: 'admin' },
      { what: 'an object that looks like a list', value: { 0: 'admin', length: 1 } },
      { what: 'a list with a number', value: ['admin', 1] },
      { what: 'a list with a list', value: [['admin']] },
      { what: 'a list with a hole', value: Object.assign([], { 1: 'admin' }) },
      { what: 'a set', value: new Set(['admin']) },
    ]) {
      it(`takes no ${what} for ${name}`, () => refuses(withMember(name, value)))
    }
  }

  for (const name of TIMES) {
    for (const value of ['1', Number.NaN, Number.POSITIVE_INFINITY, new Date(), 1n, [1]]) {
      it(`takes no ${typeof value} ${String(value)} for ${name}`, () => refuses(withMember(name, value)))
    }
  }

  for (const value of [0, 'true', [], {}]) {
    it(`takes no ${JSON.stringify(value)} for scopeWildcards`, () => refuses(withMember('scopeWildcards', value)))
  }

  for (const value of [undefined, null, '', 1, true, [], {}, () => ANN, JSON.stringify(ANN), [ANN]]) {
    it(`is no ${typeof value} ${String(JSON.stringify(value)).slice(0, 9)}`, () => refuses(value))
  }

  it('has no other members, however they are called', () => {
    for (const member of ['"email":"a@b.test"', '"__proto__":{"roles":["admin"]}', '"constructor":{}', '"":0']) {
      refuses(inJson(member))
    }
    refuses({ ...ANN, [Symbol('roles')]: ['admin'] })
    refuses(Object.defineProperty(ANN, 'hidden', { value: 1, enumerable: false }))
  })

  it('has nothing that __proto__ brings along', () => {
    const text = JSON.stringify(without('roles')).replace('{', '{"__proto__":{"roles":["admin"]},')
    refuses(JSON.parse(text))
    refuses(Object.setPrototypeOf(without('roles'), { roles: ['admin'] }))
    expect({}).not.to.have.property('roles')
  })

  it('is nothing that happens to be JSON', () => {
    fc.assert(fc.property(anyJson, refuses))
  })

  it('is read as it is, or refused, whatever one member is', () => {
    fc.assert(
      fc.property(fc.constantFrom(...MEMBERS), anyJson, (name, value) => {
        const written = withMember(name, value)
        try {
          expect(identityEnvelope(written)).to.deep.equal(written)
        } catch (error) {
          expect(error).to.have.property('code', 'identity_malformed')
        }
      }),
    )
  })
})
