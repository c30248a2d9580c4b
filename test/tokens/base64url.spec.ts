import { expect } from 'chai'
import { describe, it } from 'mocha'
import { base64urlBytes } from '../../src/tokens/base64url.js'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const everyCharacter = Array.from({ length: 0x10000 }, (_, code) => String.fromCharCode(code))

describe('base64url', () => {
  it('is read where it is written in its own characters, at every place of a group', () => {
    for (const [before, after] of [
      ['', 'AAA'],
      ['A', 'AA'],
      ['AA', 'A'],
      ['AAA', ''],
    ]) {
      const read = everyCharacter.filter((character) => base64urlBytes(`${before}${character}${after}`) !== undefined)
      expect(read.toSorted()).to.deep.equal([...ALPHABET].toSorted())
    }
  })

  it('is read with no character more than its bytes take', () => {
    for (const more of everyCharacter) expect(base64urlBytes(`AAAA${more}`)).to.equal(undefined)
  })

  it('is read where bits that carry nothing are zero', () => {
    const last = (text: string) => [...ALPHABET].filter((character) => base64urlBytes(text + character) !== undefined)
    expect(last('A').join('')).to.equal('AQgw')
    expect(last('AA').join('')).to.equal('AEIMQUYcgkosw048')
  })

  it('has one spelling for each sequence of bytes', () => {
    for (let length = 0; length < 40; length++) {
      const bytes = Buffer.from(Array.from({ length }, (_, index) => (index * 89 + length) % 256))
      expect(base64urlBytes(bytes.toString('base64url'))).to.deep.equal(bytes)
      if (length % 3 !== 0) expect(base64urlBytes(bytes.toString('base64').replaceAll('+', '-'))).to.equal(undefined)
    }
  })
})
