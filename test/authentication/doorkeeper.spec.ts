import { hash } from 'node:crypto'
import { expect } from 'chai'
import { describe, it } from 'mocha'
import { Doorkeeper } from '../../src/authentication/doorkeeper.js'

const id = (token: string) => hash('sha256', token, 'base64')

describe('the doorkeeper of a full cache', () => {
  it('knows whoever came before', () => {
    const doorkeeper = new Doorkeeper(1)
    expect(doorkeeper.knows(id('ann'))).to.equal(false)
    expect(doorkeeper.knows(id('ann'))).to.equal(true)
  })

  it('forgets whom somebody else has taken the slot of', () => {
    const doorkeeper = new Doorkeeper(1)
    doorkeeper.knows(id('ann'))
    doorkeeper.knows(id('bob'))
    expect(doorkeeper.knows(id('ann'))).to.equal(false)
  })

  it('tells as many apart as it was made for, roughly', () => {
    const doorkeeper = new Doorkeeper(10_000)
    const tokens = Array.from({ length: 2_000 }, (_, number) => id(`token ${number}`))
    expect(tokens.filter((token) => doorkeeper.knows(token))).to.have.length.below(5)
    expect(tokens.filter((token) => doorkeeper.knows(token))).to.have.length.above(1_600)
  })
})
