import { expect } from 'chai'
import { describe, it } from 'mocha'
import { KeysUnavailableError } from '../../src/errors/keys-unavailable-error.js'
import { MalformedRequestError } from '../../src/errors/malformed-request-error.js'
import { MissingTokenError } from '../../src/errors/missing-token-error.js'
import type { ProblemError } from '../../src/errors/problem-error.js'
import { TokenExpiredError } from '../../src/errors/token-expired-error.js'
import { TokenInvalidError } from '../../src/errors/token-invalid-error.js'
import { tokenRefusal } from '../../src/errors/token-refusal.js'
import { TokenRevokedError } from '../../src/errors/token-revoked-error.js'

const INVALID_TOKEN = 'Bearer error="invalid_token"'

describe("a token's refusal where scopes are asked for", () => {
  const cause = new Error('inner')
  for (const original of [
    new TokenExpiredError({ cause }),
    new TokenRevokedError({ cause }),
    new TokenInvalidError('key_unknown', { cause }),
    new TokenInvalidError('audience_mismatch', { cause }),
  ]) {
    it(`says which in its challenge, and is the same otherwise: ${original.code}`, () => {
      const { name, status, code, message } = original
      const error = tokenRefusal(original, ['a', 'b:c']) as ProblemError
      expect(error).to.be.instanceOf(original.constructor).and.to.include({ name, status, code, message, cause })
      expect(error.headers).to.deep.equal({ 'WWW-Authenticate': `${INVALID_TOKEN}, scope="a b:c"` })
      expect(original.headers).to.deep.equal({ 'WWW-Authenticate': INVALID_TOKEN })
    })

    it(`is the very same where none are asked for: ${original.code}`, () => {
      expect(tokenRefusal(original, [])).to.equal(original)
    })
  }

  it('makes up no cause', () => {
    expect(tokenRefusal(new TokenExpiredError(), ['a'])).not.to.have.property('cause')
  })

  it('leaves scopes out of the challenge that would break it', () => {
    const { headers } = tokenRefusal(new TokenExpiredError(), ['a', 'b"c']) as ProblemError
    expect(headers).to.deep.equal({ 'WWW-Authenticate': INVALID_TOKEN })
  })

  for (const other of [
    new MissingTokenError({ scopes: ['a'] }),
    new MalformedRequestError('bearer_malformed'),
    new KeysUnavailableError(1),
    new Error('bug'),
    undefined,
    'thrown text',
  ]) {
    it(`leaves what is no refusal of a token as it is: ${other}`, () => {
      expect(tokenRefusal(other, ['a'])).to.equal(other)
    })
  }
})
