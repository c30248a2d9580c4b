import { expect } from 'chai'
import type { CryptoKey } from 'jose'
import { before, describe, it } from 'mocha'
import type { RevocationCheck } from '../../src/authentication/revocation-check.js'
import { TokenValidator } from '../../src/authentication/token-validator.js'
import { loadSettings } from '../../src/config/load-settings.js'
import { RevocationUnavailableError } from '../../src/errors/revocation-unavailable-error.js'
import { TokenExpiredError } from '../../src/errors/token-expired-error.js'
import { TokenInvalidError } from '../../src/errors/token-invalid-error.js'
import { TokenRevokedError } from '../../src/errors/token-revoked-error.js'
import { AuthTestKit } from '../../src/testing/auth-test-kit.js'
import type { TokenClaims } from '../../src/tokens/token-claims.js'
import { rejection } from '../keys/rejection.js'

describe('a revocation check', () => {
  let kit: AuthTestKit
  let key: CryptoKey
  before(async () => {
    kit = await AuthTestKit.create()
    key = await kit.keySource.keyFor({ alg: kit.keyPair.algorithm, kid: kit.keyPair.kid })
  })

  /** With a key source that can tell at once, so that the second sight of a token takes the short way. */
  const judgeWith = (revocation: RevocationCheck, tokenCacheSize = 10) =>
    new TokenValidator({
      settings: loadSettings({ options: { ...kit.settings, tokenCacheSize }, env: {}, configFiles: [] }),
      keys: { ...kit.keySource, keyAtHand: () => key },
      revocation,
    })
  const ways: readonly { way: string; say: <Answer>(answer: Answer) => Answer | Promise<Answer> }[] = [
    { way: 'at once', say: (answer) => answer },
    { way: 'later', say: async (answer) => answer },
  ]

  for (const { way, say } of ways) {
    for (const tokenCacheSize of [0, 10]) {
      it(`that answers ${way} is asked on every sight of a token, ${tokenCacheSize} of them remembered`, async () => {
        const asked: TokenClaims[] = []
        let revoked = false
        const judge = judgeWith(
          {
            isRevoked: (claims) => {
              asked.push(claims)
              return say(revoked)
            },
          },
          tokenCacheSize,
        )
        const token = await kit.makeToken({ sub: 'ann', jti: 'one' })
        for (let sight = 1; sight <= 3; sight++) {
          expect((await judge.validate(token)).claims.sub).to.equal('ann')
          expect(asked.length).to.equal(sight)
        }
        expect(asked[2]).to.include({ sub: 'ann', jti: 'one' })
        revoked = true
        const error = await rejection(judge.validate(token), TokenRevokedError)
        expect(error).to.include({ status: 401, code: 'token_revoked', message: 'Invalid token: it has been revoked' })
        revoked = false
        await judge.validate(token)
      })
    }

    for (const answer of [undefined, null, 0, 1, '', 'no', {}, []]) {
      it(`that answers ${JSON.stringify(answer) ?? 'undefined'} ${way} has answered nothing: 503`, async () => {
        const answers: unknown[] = [answer, false, answer]
        const judge = judgeWith({ isRevoked: () => say(answers.shift() as boolean) })
        const token = await kit.makeToken()
        const error = await rejection(judge.validate(token), RevocationUnavailableError)
        expect(error).to.include({ status: 503, code: 'revocation_unavailable' })
        expect(error.cause).to.be.instanceOf(TypeError)
        await judge.validate(token)
        await rejection(judge.validate(token), RevocationUnavailableError)
      })
    }
  }

  for (const { how, fail } of [
    {
      how: 'throws',
      fail: (error: unknown) => {
        throw error
      },
    },
    { how: 'rejects', fail: (error: unknown) => Promise.reject(error) },
  ]) {
    it(`that ${how} ends in 503 with the cause, on the first sight of a token and on the next`, async () => {
      const cause = new Error('database down')
      const failing = [true, false, true]
      const judge = judgeWith({ isRevoked: () => (failing.shift() ? fail(cause) : false) })
      const token = await kit.makeToken()
      const first = await rejection(judge.validate(token), RevocationUnavailableError)
      expect(first.cause).to.equal(cause)
      expect(Number(first.headers['Retry-After'])).to.be.greaterThan(0)
      await judge.validate(token)
      expect((await rejection(judge.validate(token), RevocationUnavailableError)).cause).to.equal(cause)
    })

    it(`that ${how} with an answer of its own is passed on`, async () => {
      const own = new RevocationUnavailableError(42)
      const judge = judgeWith({ isRevoked: () => fail(own) })
      expect(await rejection(judge.validate(await kit.makeToken()), RevocationUnavailableError)).to.equal(own)
    })
  }

  it('is not asked about tokens that are bad anyway', async () => {
    let asked = 0
    const judge = judgeWith({
      isRevoked: () => {
        asked++
        return false
      },
    })
    await rejection(judge.validate(await kit.makeToken({}, { expiresIn: '-1h' })), TokenExpiredError)
    await rejection(judge.validate(await kit.makeToken({ aud: 'other' })), TokenInvalidError)
    expect(asked).to.equal(0)
  })
})
