import { expect } from 'chai'
import { describe, it } from 'mocha'
import { actorsOf } from '../../src/tokens/actors.js'

/** An `act` claim of so many actors, the present one first. */
function chain(length: number, innermost?: unknown): unknown {
  let act: unknown = innermost
  for (let i = length; i > 0; i--) act = act === undefined ? { sub: `actor-${i}` } : { sub: `actor-${i}`, act }
  return act
}

describe('the actors of a token (RFC 8693, section 4.1)', () => {
  it('are nobody when the claim is absent', () => {
    expect(actorsOf(undefined)).to.deep.equal([])
  })

  it('are the present one first, then those who acted before', () => {
    const act = {
      sub: 'https://service16.example.com',
      iss: 'https://sts.example.com',
      act: { sub: 'https://service77.example.com', client_id: 'ignored' },
    }
    expect(actorsOf(act)).to.deep.equal([
      { sub: 'https://service16.example.com', issuer: 'https://sts.example.com' },
      { sub: 'https://service77.example.com', issuer: '' },
    ])
  })

  for (const { name, act } of [
    { name: 'null', act: null },
    { name: 'a text', act: 'agent' },
    { name: 'a number', act: 5 },
    { name: 'a list', act: [{ sub: 'agent' }] },
    { name: 'nobody in particular', act: {} },
    { name: 'an empty subject', act: { sub: '' } },
    { name: 'a subject that is no text', act: { sub: 7 } },
    { name: 'an issuer that is no text', act: { sub: 'agent', iss: null } },
    { name: 'an inner actor that is null', act: { sub: 'agent', act: null } },
    { name: 'an inner actor without a subject', act: { sub: 'agent', act: { iss: 'https://a.example' } } },
    { name: 'an inner actor far down that is a text', act: chain(5, 'agent') },
  ]) {
    it(`are nobody when the claim is malformed: ${name}`, () => {
      expect(actorsOf(act)).to.deep.equal([])
    })
  }

  it('are at most 16', () => {
    expect(actorsOf(chain(16))).to.have.length(16)
    expect(actorsOf(chain(16))[15]).to.deep.equal({ sub: 'actor-16', issuer: '' })
    expect(actorsOf(chain(17))).to.deep.equal([])
    expect(actorsOf(chain(100_000))).to.deep.equal([])
  })

  it('are frozen, and the claim is left as it is', () => {
    const act = { sub: 'a', act: { sub: 'b' } }
    const actors = actorsOf(act)
    expect(actors).to.be.frozen
    for (const actor of actors) expect(actor).to.be.frozen
    expect(actorsOf(null)).to.be.frozen
    expect(act).not.to.be.frozen
  })
})
