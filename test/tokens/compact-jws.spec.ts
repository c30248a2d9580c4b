import { expect } from 'chai'
import { describe, it } from 'mocha'
import { TokenInvalidError } from '../../src/errors/token-invalid-error.js'
import { compactJws } from '../../src/tokens/compact-jws.js'
import type { RawToken } from '../../src/tokens/raw-token.js'

const base64url = (value: string | Uint8Array) => Buffer.from(value).toString('base64url')
const HEADER = base64url('{"alg":"RS256","kid":"a"}')
const PAYLOAD = base64url('{"sub":"ann"}')
const SIGNATURE = base64url(Uint8Array.of(1, 2, 3, 4))

describe('a compact JWS', () => {
  it('is a header, a payload and a signature', () => {
    const token = `${HEADER}.${PAYLOAD}.${SIGNATURE}` as RawToken
    const { header, payload, signature, ...rest } = compactJws(token)
    expect(rest).to.deep.equal({ token })
    expect(header).to.deep.equal({ alg: 'RS256', kid: 'a' })
    expect(Buffer.from(payload).toString()).to.equal('{"sub":"ann"}')
    expect(Buffer.from(signature).toString('base64url')).to.equal(SIGNATURE)
  })

  it('may carry any bytes', () => {
    const payload = Uint8Array.from({ length: 256 }, (_, i) => i)
    const jws = compactJws(`${HEADER}.${base64url(payload)}.${SIGNATURE}` as RawToken)
    expect([...jws.payload]).to.deep.equal([...payload])
  })

  it('may have an empty payload or signature, which is for later steps to judge', () => {
    expect([...compactJws(`${HEADER}..${SIGNATURE}` as RawToken).payload]).to.deep.equal([])
    expect(compactJws(`${HEADER}.${PAYLOAD}.` as RawToken).header.alg).to.equal('RS256')
  })

  for (const { what, token } of [
    { what: 'empty', token: '' },
    { what: 'a word', token: 'token' },
    { what: 'two parts', token: `${HEADER}.${PAYLOAD}` },
    { what: 'four parts', token: `${HEADER}.${PAYLOAD}.${SIGNATURE}.` },
    { what: 'an encrypted token of five parts', token: `${HEADER}.${PAYLOAD}.${PAYLOAD}.${PAYLOAD}.${SIGNATURE}` },
    { what: 'two dots', token: '..' },
    { what: 'without a header', token: `.${PAYLOAD}.${SIGNATURE}` },
    { what: 'padded in the header', token: `${base64url('{"alg":"RS256"} ')}==.${PAYLOAD}.${SIGNATURE}` },
    { what: 'padded in the payload', token: `${HEADER}.${base64url('{"a":1}')}==.${SIGNATURE}` },
    { what: 'padded in the signature', token: `${HEADER}.${PAYLOAD}.${SIGNATURE}==` },
    { what: 'in plain base64', token: `${HEADER}.${PAYLOAD}.+/==` },
    { what: 'with the other alphabet in the signature', token: `${HEADER}.${PAYLOAD}.ab+/` },
    { what: 'with spaces', token: `${HEADER}.${PAYLOAD}.${SIGNATURE} ` },
    { what: 'with a line break', token: `${HEADER}.${PAYLOAD}\n.${SIGNATURE}` },
    {
      what: 'with bits to spare in the header',
      token: `${spare(base64url('{"alg":"RS256"}x'))}.${PAYLOAD}.${SIGNATURE}`,
    },
    { what: 'with bits to spare in the payload', token: `${HEADER}.${spare(base64url('{"a":12}'))}.${SIGNATURE}` },
    { what: 'with bits to spare in the signature', token: `${HEADER}.${PAYLOAD}.${spare(SIGNATURE)}` },
    { what: 'with one letter too many', token: `${HEADER}.${PAYLOAD}.AAAAA` },
    { what: 'with a header that is no JSON', token: `${base64url('{alg}')}.${PAYLOAD}.${SIGNATURE}` },
    { what: 'with a header that is a list', token: `${base64url('["RS256"]')}.${PAYLOAD}.${SIGNATURE}` },
    { what: 'with two algorithms', token: `${base64url('{"alg":"RS256","alg":"RS256"}')}.${PAYLOAD}.${SIGNATURE}` },
    { what: 'without an algorithm', token: `${base64url('{"kid":"a"}')}.${PAYLOAD}.${SIGNATURE}` },
    { what: 'with an algorithm that is no text', token: `${base64url('{"alg":["RS256"]}')}.${PAYLOAD}.${SIGNATURE}` },
    {
      what: 'with an inherited algorithm',
      token: `${base64url('{"__proto__":{"alg":"RS256"}}')}.${PAYLOAD}.${SIGNATURE}`,
    },
  ]) {
    it(`is malformed when it is ${what}`, () => {
      expect(() => compactJws(token as RawToken))
        .to.throw(TokenInvalidError)
        .with.property('code', 'token_malformed')
    })
  }

  describe('has a header that', () => {
    const headerOf = (text: string) => compactJws(`${base64url(text)}.${PAYLOAD}.${SIGNATURE}` as RawToken).header
    const withPadding = (length: number) => {
      const frame = JSON.stringify({ alg: 'RS256', kid: '' })
      return JSON.stringify({ alg: 'RS256', kid: 'k'.repeat(length - frame.length) })
    }

    it('is read once for all tokens of a key, and can not be changed', () => {
      const text = '{"alg":"RS256","kid":"often","x":{"y":[1]}}'
      const header = headerOf(text)
      expect(headerOf(text)).to.equal(header)
      for (const part of [header, header['x'], (header['x'] as { y: unknown }).y]) expect(part).to.be.frozen
    })

    it('is read every time where it is long: 384 bytes are 512 letters', () => {
      for (const { bytes, remembered } of [
        { bytes: 384, remembered: true },
        { bytes: 385, remembered: false },
      ]) {
        const text = withPadding(bytes)
        expect(text).to.have.length(bytes)
        const [first, second] = [headerOf(text), headerOf(text)]
        expect(first).to.deep.equal(second)
        expect(first === second).to.equal(remembered)
      }
    })

    it('is forgotten once there are 64 others, so that nobody fills the memory with them', () => {
      let count = 0
      const another = () => {
        const text = `{"alg":"RS256","kid":"number ${count++}"}`
        return { text, header: headerOf(text) }
      }
      const isKnown = ({ text, header }: ReturnType<typeof another>) => headerOf(text) === header
      const first = another()
      while (isKnown(first)) another()
      expect(count).to.be.at.most(65)
      // Two are known now: the last one, and the first, which has just been read again.
      const more = Array.from({ length: 62 }, another)
      expect(more.filter(isKnown)).to.have.length(62)
      another()
      expect(more.some(isKnown)).to.equal(false)
    })
  })

  it('is not a million dots', () => {
    expect(() => compactJws('.'.repeat(1_000_000) as RawToken)).to.throw(TokenInvalidError)
  })
})

/** The same bytes, spelt with another last letter: its low bits don't count. */
function spare(segment: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const other = segment.slice(0, -1) + alphabet[alphabet.indexOf(segment.slice(-1)) + 1]
  expect(Buffer.from(other, 'base64url')).to.deep.equal(Buffer.from(segment, 'base64url'))
  return other
}
