import { expect } from 'chai'
import { assert, constantFrom, property, array as someOf } from 'fast-check'
import { describe, it } from 'mocha'
import { agentScopes, agentShortfall, unmetAgentScopes } from '../../src/authorization/agent-scope.js'
import { coversScope } from '../../src/authorization/scope-grant.js'
import { toAgentClaims } from '../../src/tokens/agent-claims.js'

describe('the scopes of an agent', () => {
  for (const { granted, required, met } of [
    { granted: 'treasury:write:budget', required: 'treasury:write:budget', met: true },
    { granted: 'treasury:write:budget', required: 'treasury:read:budget', met: false },
    { granted: 'treasury:write', required: 'treasury:write:budget', met: false },
    { granted: 'treasury:write:budget', required: 'treasury:write', met: false },
    { granted: 'Treasury:write', required: 'treasury:write', met: false },
    { granted: 'treasury:*', required: 'treasury:write', met: true },
    { granted: 'treasury:*', required: 'treasury:write:budget:opex', met: true },
    { granted: 'treasury:*', required: 'treasury', met: true },
    { granted: 'treasury:*', required: 'treasury:', met: true },
    { granted: 'treasury:*', required: 'treasury:*', met: true },
    { granted: 'treasury:*', required: 'treasury:write:*', met: true },
    { granted: 'treasury:*', required: 'treasuryx:write', met: false },
    { granted: 'treasury:*', required: 'treasur', met: false },
    { granted: 'treasury:*', required: 'wallet:write', met: false },
    { granted: 'treasury:*', required: '*', met: false },
    { granted: 'treasury:write:*', required: 'treasury:*', met: false },
    { granted: 'treasury:write:*', required: 'treasury:read:budget', met: false },
    { granted: 'treasury:write:budget', required: 'treasury:*', met: false },
    { granted: 'treasury:write:budget', required: '*', met: false },
    { granted: '*', required: 'treasury:write:budget', met: true },
    { granted: '*', required: 'treasury:*', met: true },
    { granted: '*', required: '*', met: true },
    { granted: 'treasury:*:budget', required: 'treasury:write:budget', met: false },
    { granted: 'treasury:*:budget', required: 'treasury:*:budget', met: true },
    { granted: '*:write', required: 'treasury:write', met: false },
    { granted: 'treasury*', required: 'treasury:write', met: false },
    { granted: 'treasury:wr*', required: 'treasury:write', met: false },
    { granted: 'treasury:**', required: 'treasury:write', met: false },
    { granted: '**', required: 'treasury', met: false },
    { granted: '* ', required: 'treasury', met: false },
    { granted: '.*', required: 'treasury', met: false },
    { granted: ':*', required: 'treasury:write', met: false },
    { granted: '', required: 'treasury:write', met: false },
  ]) {
    it(`${met ? 'meet' : "don't meet"} ${required} with ${granted === '' ? 'an empty one' : granted}`, () => {
      expect(coversScope([granted], required)).to.equal(met)
    })
  }

  it('come to nothing that is missing, or to the agent and each list of which it has none', () => {
    const agent = toAgentClaims({ sub: 'agent', scopes: ['a', 'b'] })
    expect(agentShortfall(agent, [])).to.equal(undefined)
    expect(agentShortfall(agent, [['a', 'x'], ['b']])).to.equal(undefined)
    expect(agentShortfall(agent, [['a'], ['c', 'd'], ['e']])).to.deep.equal({ agent, unmet: [['c', 'd'], ['e']] })
  })

  it('meet nothing when there are none, and any one of several will do', () => {
    expect(coversScope([], 'a')).to.equal(false)
    expect(coversScope(['b', 'a:*'], 'a:c')).to.equal(true)
  })

  it('cover of a branch what stands below it part by part, as a slow comparison of the parts finds', () => {
    const part = constantFrom('a', 'b', 'ab', '*', '')
    const scope = someOf(part, { minLength: 1, maxLength: 4 })
    const covers = (granted: readonly string[], required: readonly string[]): boolean => {
      if (granted.join(':') === required.join(':')) return true
      if (granted.at(-1) !== '*') return false
      return granted.slice(0, -1).every((name, position) => name === required[position])
    }
    assert(
      property(scope, scope, (granted, required) => {
        // What is required is never empty: no decorator takes that.
        if (required.join(':') === '') return
        expect(coversScope([granted.join(':')], required.join(':'))).to.equal(covers(granted, required))
      }),
    )
  })

  it('leave over the lists of which they meet none', () => {
    const required = [['a', 'b'], ['c:d'], ['e']]
    expect(unmetAgentScopes(required, ['b', 'c:*', 'e'])).to.deep.equal([])
    expect(unmetAgentScopes(required, ['b', 'c:*'])).to.deep.equal([['e']])
    expect(unmetAgentScopes(required, [])).to.deep.equal(required)
    expect(unmetAgentScopes([], [])).to.deep.equal([])
  })

  describe('that are required', () => {
    it('are sorted, each of them once, and frozen', () => {
      const scopes = agentScopes(['b', 'a', 'b'])
      expect(scopes).to.deep.equal(['a', 'b'])
      expect(scopes).to.be.frozen
    })

    for (const { name, scopes, says } of [
      { name: 'none', scopes: [], says: 'at least one agent scope' },
      { name: 'an empty one', scopes: ['a', ''], says: 'non-empty string' },
      { name: 'one that is no text', scopes: [5], says: 'non-empty string' },
      { name: 'a text for a list', scopes: 'a', says: 'have to be a list' },
      { name: 'nothing for a list', scopes: undefined, says: 'have to be a list' },
    ]) {
      it(`are refused: ${name}`, () => {
        expect(() => agentScopes(scopes as unknown as string[])).to.throw(TypeError, says)
      })
    }
  })
})
