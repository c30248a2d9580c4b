import { expect } from 'chai'
import { IdentityEnvelopeError } from 'inversify-koa-auth'
import { describe, it } from 'mocha'
import { checkEnvelopeTimes } from '../../src/context/check-envelope-times.js'

describe('the times of an envelope', () => {
  for (const { issuedAt, expiresAt, code } of [
    { issuedAt: 1000, expiresAt: 1001, code: undefined },
    { issuedAt: 1000, expiresAt: 1000.5, code: undefined },
    { issuedAt: 1000, expiresAt: 1000, code: 'identity_expired' },
    { issuedAt: 1005, expiresAt: 2000, code: undefined },
    { issuedAt: 1005.5, expiresAt: 2000, code: 'identity_malformed' },
    { issuedAt: 940, expiresAt: 2000, code: undefined },
    { issuedAt: 939.5, expiresAt: 2000, code: 'identity_too_old' },
    { issuedAt: 0, expiresAt: 0, code: 'identity_expired' },
  ]) {
    it(`${code ?? 'goes on'} at 1000 from ${issuedAt} to ${expiresAt}, 60 seconds at most`, () => {
      const check = () => checkEnvelopeTimes({ issuedAt, expiresAt }, 60, 1000)
      if (code === undefined) expect(check).not.to.throw()
      else expect(check).to.throw(IdentityEnvelopeError).with.property('code', code)
    })
  }
})
