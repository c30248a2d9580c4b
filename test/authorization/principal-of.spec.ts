import { expect } from 'chai'
import { describe, it } from 'mocha'
import { principalOf } from '../../src/authorization/principal-of.js'
import type { RoleResolver } from '../../src/authorization/role-resolver.js'
import { verifiedToken } from '../../src/tokens/verified-token.js'
import { rejection } from '../keys/rejection.js'

const token = verifiedToken({ alg: 'RS256' }, { sub: 'ann', dept: 7 })
const giving = (roles: unknown): RoleResolver => ({ resolve: () => roles as readonly string[] })

describe('the principal of a verified token', () => {
  it('has the claims, and the roles that the resolver makes of them', async () => {
    const resolver: RoleResolver = { resolve: ({ sub }, { dept }) => [`${sub}-${dept}`] as readonly string[] }
    expect(await principalOf(token, resolver)).to.deep.equal({
      claims: token.claims,
      rawClaims: token.rawClaims,
      roles: ['ann-7'],
    })
  })

  it('waits for the resolver', async () => {
    const { roles } = await principalOf(token, { resolve: () => Promise.resolve(['late']) })
    expect(roles).to.deep.equal(['late'])
  })

  it('is frozen, and leaves the list of the resolver alone', async () => {
    const roles = ['a']
    const principal = await principalOf(token, giving(roles))
    expect(principal).to.be.frozen
    expect(principal.roles).to.be.frozen.and.not.equal(roles)
    roles.push('b')
    expect(principal.roles).to.deep.equal(['a'])
  })

  it('is the same for the same roles, and another one as soon as they differ', async () => {
    const holder = verifiedToken({ alg: 'RS256' }, { sub: 'bob' })
    const one = await principalOf(holder, giving(['a', 'b']))
    expect(await principalOf(holder, giving(['a', 'b']))).to.equal(one)
    for (const roles of [['a'], ['a', 'b', 'c'], ['a', 'c'], ['b', 'a'], []]) {
      await principalOf(holder, giving(['a', 'b']))
      expect((await principalOf(holder, giving(roles))).roles).to.deep.equal(roles)
    }
  })

  it('has no roles that are no strings', async () => {
    expect((await principalOf(token, giving(['a', 5, null, ['b']]))).roles).to.deep.equal(['a'])
  })

  for (const roles of [undefined, null, 'admin', { admin: true }, new Set(['admin'])]) {
    it(`is nobody when the resolver returns ${roles === null ? 'null' : Object.prototype.toString.call(roles)}`, async () => {
      const error = await rejection(Promise.resolve(principalOf(token, giving(roles))), TypeError)
      expect(error.message).to.equal('RoleResolver.resolve has to return an array of role names')
    })
  }

  it('is nobody when the resolver fails', async () => {
    const boom = new RangeError('database down')
    expect(
      await rejection(Promise.resolve(principalOf(token, { resolve: () => Promise.reject(boom) })), RangeError),
    ).to.equal(boom)
  })
})
