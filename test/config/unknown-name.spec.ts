import { expect } from 'chai'
import { describe, it } from 'mocha'
import { closestName } from '../../src/config/closest-name.js'
import { SETTING_NAMES } from '../../src/config/schema.js'
import { unknownName } from '../../src/config/unknown-name.js'

describe('a name that nobody knows', () => {
  for (const { name, known, meant } of [
    { name: 'jwks_tll_seconds', known: SETTING_NAMES, meant: 'jwks_ttl_seconds' },
    { name: 'jwksTtlSeconds', known: SETTING_NAMES, meant: 'jwks_ttl_seconds' },
    { name: 'jwks-ttl-seconds', known: SETTING_NAMES, meant: 'jwks_ttl_seconds' },
    { name: 'ISSUER', known: SETTING_NAMES, meant: 'issuer' },
    { name: 'isuer', known: SETTING_NAMES, meant: 'issuer' },
    { name: 'issure', known: SETTING_NAMES, meant: 'issuer' },
    { name: 'audiences', known: SETTING_NAMES, meant: 'audience' },
    { name: 'role_claim', known: SETTING_NAMES, meant: 'role_claims' },
    { name: 'onn', known: ['on'], meant: 'on' },
    { name: 'port', known: ['part', 'port2', 'porte'], meant: 'part' },
    { name: 'prot', known: ['part', 'port'], meant: 'port' },
    { name: 'colour', known: SETTING_NAMES, meant: undefined },
    { name: 'x', known: ['y', 'on'], meant: undefined },
    { name: 'of', known: ['on'], meant: undefined },
    { name: '', known: SETTING_NAMES, meant: undefined },
    { name: '__proto__', known: SETTING_NAMES, meant: undefined },
    { name: 'anything', known: [], meant: undefined },
  ]) {
    it(`${JSON.stringify(name)} was ${meant === undefined ? 'nothing known' : `probably ${meant}`}`, () => {
      expect(closestName(name, known)).to.equal(meant)
    })
  }

  it('is told with what is known, and what was meant where that can be told', () => {
    expect(unknownName('an option', 'prot', ['host', 'port'])).to.equal(
      'is not an option (did you mean port?); known are host, port',
    )
    expect(unknownName('an option', 'colour', ['host', 'port'])).to.equal('is not an option; known are host, port')
  })
})
