import { createHmac, randomBytes } from 'node:crypto'
import { expect } from 'chai'
import { CompactSign, type CryptoKey, exportSPKI, type JWTHeaderParameters } from 'jose'
import { before, describe, it } from 'mocha'
import { TokenValidator } from '../../src/authentication/token-validator.js'
import { verifySignature } from '../../src/authentication/verify-signature.js'
import type { AuthClientOptions, SignatureAlgorithm } from '../../src/config/auth-client-settings.js'
import { loadSettings } from '../../src/config/load-settings.js'
import { KeysUnavailableError } from '../../src/errors/keys-unavailable-error.js'
import { TokenExpiredError } from '../../src/errors/token-expired-error.js'
import { type TokenInvalidCode, TokenInvalidError } from '../../src/errors/token-invalid-error.js'
import { KeySet } from '../../src/keys/key-set.js'
import type { KeySource } from '../../src/keys/key-source.js'
import { compactJws } from '../../src/tokens/compact-jws.js'
import type { RawToken } from '../../src/tokens/raw-token.js'
import { type KeyPair, keyPair, newKeyPair } from '../keys/key-pairs.js'
import { rejection } from '../keys/rejection.js'

const ALGORITHMS: readonly SignatureAlgorithm[] = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
]
const NOW = 1_700_000_000
const CLAIMS = { iss: 'https://idp.example.com', aud: 'api', sub: 'ann', exp: NOW + 60 }

const encode = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))

/** Signs any payload under any header; jose would refuse to sign some of them itself. */
async function sign(key: CryptoKey, header: JWTHeaderParameters, payload: unknown = CLAIMS): Promise<string> {
  return new CompactSign(encode(payload)).setProtectedHeader(header as { alg: string }).sign(key)
}

describe('a token validator', () => {
  let rsa: KeyPair
  before(async () => {
    rsa = await keyPair('RS256')
  })

  /** The keys of an issuer, without the network: what {@link KeySource} promises, by our own key set. */
  const publishing = (...keys: readonly object[]): KeySource => {
    const set = KeySet.parse({ keys })
    return {
      keyFor: async (header) => {
        const key = await set?.find(header)
        if (key === undefined) throw new TokenInvalidError('key_unknown')
        return key
      },
    }
  }
  const validator = (options: AuthClientOptions = {}, keys = publishing({ ...rsa.jwk, kid: 'a' })) => {
    const settings = loadSettings({ options: { issuer: CLAIMS.iss, audience: 'api', ...options }, configFiles: [] })
    return new TokenValidator({ settings, keys, clock: () => NOW * 1000 })
  }
  const token = (header: object = {}, payload: unknown = CLAIMS) =>
    sign(rsa.privateKey, { alg: 'RS256', kid: 'a', ...header }, payload)
  const refuses = async (code: TokenInvalidCode, text: string, judge = validator()) =>
    expect(await rejection(judge.validate(text), TokenInvalidError)).to.have.property('code', code)

  it('yields what a good token proves, frozen', async () => {
    const verified = await validator().validate(await token({ typ: 'at+jwt' }))
    expect(verified.header).to.deep.equal({ alg: 'RS256', kid: 'a', typ: 'at+jwt' })
    expect(verified.claims).to.include({ sub: 'ann', expiresAt: NOW + 60 })
    expect(verified.rawClaims).to.deep.equal(CLAIMS)
    for (const part of [verified, verified.header, verified.claims, verified.rawClaims]) expect(part).to.be.frozen
  })

  for (const alg of ALGORITHMS) {
    describe(`for ${alg}`, () => {
      let pair: KeyPair
      let stranger: KeyPair
      before(async () => {
        pair = await keyPair(alg)
        stranger = await keyPair(alg, 'stranger')
      })
      const accepting = (accepted: SignatureAlgorithm = alg) =>
        validator({ acceptedAlgorithms: [accepted] }, publishing({ ...pair.jwk, kid: 'k', alg }))

      it('accepts a good signature', async () => {
        const { claims } = await accepting().validate(await sign(pair.privateKey, { alg, kid: 'k' }))
        expect(claims.sub).to.equal('ann')
      })

      it('refuses a signature by somebody else', async () => {
        await refuses('signature_mismatch', await sign(stranger.privateKey, { alg, kid: 'k' }), accepting())
      })

      it('refuses a signature of something else', async () => {
        const [header, , signature] = (await sign(pair.privateKey, { alg, kid: 'k' })).split('.')
        const forged = [header, encode({ ...CLAIMS, role: 'admin' }).toString('base64url'), signature].join('.')
        await refuses('signature_mismatch', forged, accepting())
      })

      it('refuses a signature that is cut off', async () => {
        const [header, payload] = (await sign(pair.privateKey, { alg, kid: 'k' })).split('.')
        await refuses('signature_mismatch', `${header}.${payload}.AAAA`, accepting())
      })

      it('refuses it when it is not among the accepted ones', async () => {
        const other = alg === 'RS256' ? 'ES256' : 'RS256'
        await refuses('algorithm_refused', await sign(pair.privateKey, { alg, kid: 'k' }), accepting(other))
      })
    })
  }

  describe('takes the checks in order:', () => {
    it('size first: an oversized token is not even parsed', async () => {
      await refuses('token_too_long', 'a'.repeat(8193))
      await refuses('token_malformed', 'a'.repeat(8192))
      await refuses('token_too_long', await token(), validator({ maxTokenBytes: 10 }))
    })

    it('form before header', async () => {
      await refuses('token_malformed', `${await token({ alg: 'RS256' })}.`)
    })

    it('header before keys', async () => {
      const asked: unknown[] = []
      const keys: KeySource = {
        keyFor: async (header) => {
          asked.push(header)
          throw new TokenInvalidError('key_unknown')
        },
      }
      await refuses('type_refused', await token({ typ: 'logout+jwt' }), validator({}, keys))
      expect(asked).to.deep.equal([])
      await refuses('key_unknown', await token(), validator({}, keys))
      expect(asked).to.deep.equal([{ alg: 'RS256', kid: 'a' }])
    })

    it('signature before claims', async () => {
      const forger = await keyPair('RS256', 'other')
      const forged = await sign(forger.privateKey, { alg: 'RS256', kid: 'a' }, { ...CLAIMS, exp: 0, iss: 'evil' })
      await refuses('signature_mismatch', forged)
    })

    it('claims last', async () => {
      await refuses('issuer_mismatch', await token({}, { ...CLAIMS, iss: 'https://evil.test' }))
      await refuses('audience_mismatch', await token({}, { ...CLAIMS, aud: 'other' }))
      await rejection(validator().validate(await token({}, { ...CLAIMS, exp: NOW - 5 })), TokenExpiredError)
    })
  })

  for (const { what, payload } of [
    { what: 'nothing', payload: '' },
    { what: 'no JSON', payload: 'hello' },
    { what: 'a list', payload: '[]' },
    { what: 'a name twice', payload: `{"aud":"other",${JSON.stringify(CLAIMS).slice(1)}` },
  ]) {
    it(`refuses a payload with ${what}, even when it is signed`, async () => {
      await refuses('token_malformed', await token({}, payload))
    })
  }

  for (const depth of [1000, 5000, 10_000, 50_000, 200_000]) {
    it(`judges a payload nested ${depth} levels deep one way or the other, and never breaks`, async () => {
      for (const nested of [
        `${'['.repeat(depth)}${']'.repeat(depth)}`,
        `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`,
      ]) {
        const text = await token({}, `{"nested":${nested},${JSON.stringify(CLAIMS).slice(1)}`)
        const outcome = await validator({ maxTokenBytes: 10_000_000 })
          .validate(text)
          .then(
            ({ claims }) => claims.sub,
            (error: unknown) => error,
          )
        if (outcome !== 'ann') expect(outcome).to.be.instanceOf(TokenInvalidError)
      }
    })
  }

  it('believes the fraction of a second on its clock', async () => {
    const settings = loadSettings({
      options: { issuer: CLAIMS.iss, audience: 'api', clockToleranceSeconds: 0 },
      configFiles: [],
    })
    const at = (milliseconds: number) =>
      new TokenValidator({ settings, keys: publishing({ ...rsa.jwk, kid: 'a' }), clock: () => milliseconds })
    const good = await token()
    await at((NOW + 60) * 1000 - 1).validate(good)
    await rejection(at((NOW + 60) * 1000).validate(good), TokenExpiredError)
  })

  describe('is not fooled by', () => {
    const unsigned = (header: object, payload: object = CLAIMS) =>
      `${encode(header).toString('base64url')}.${encode(payload).toString('base64url')}`

    it('the algorithm none', async () => {
      await refuses('algorithm_refused', `${unsigned({ alg: 'none' })}.`)
      await refuses('algorithm_refused', `${unsigned({ alg: 'none' })}.AAAA`)
    })

    it('a signature that is left out', async () => {
      await refuses('signature_mismatch', `${unsigned({ alg: 'RS256', kid: 'a' })}.`)
      await refuses('token_malformed', unsigned({ alg: 'RS256', kid: 'a' }))
    })

    it('HS256 with the public key as the secret', async () => {
      const input = unsigned({ alg: 'HS256', kid: 'a' })
      for (const secret of [await exportSPKI(rsa.publicKey), JSON.stringify(rsa.jwk)]) {
        await refuses('algorithm_refused', `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`)
      }
    })

    it('a key of its own in the header', async () => {
      const forger = await keyPair('RS256', 'other')
      const header = { alg: 'RS256', kid: 'a', jwk: forger.jwk, jku: 'https://evil.test/jwks' }
      await refuses('signature_mismatch', await sign(forger.privateKey, header))
    })

    it('another algorithm for the same key', async () => {
      const keys = publishing({ ...rsa.jwk, kid: 'a', alg: 'RS256' })
      const pair = await newKeyPair('PS256')
      const forged = await sign(pair.privateKey, { alg: 'PS256', kid: 'a' })
      await refuses('key_unknown', forged, validator({ acceptedAlgorithms: ['RS256', 'PS256'] }, keys))
    })

    it('a key source that hands out a key for another algorithm', async () => {
      const ec = await keyPair('ES256')
      await refuses('token_malformed', await token(), validator({}, { keyFor: async () => ec.publicKey }))
    })

    it('random bytes', async () => {
      const judge = validator()
      for (let i = 0; i < 500; i++) {
        const parts = [1, 2, 3].map(() => randomBytes(1 + (i % 40)).toString('base64url'))
        await rejection(judge.validate(parts.join('.')), TokenInvalidError)
      }
    })

    it('any single letter changed', async () => {
      const good = await token()
      const judge = validator()
      for (let i = 0; i < good.length; i += 7) {
        const other = good[i] === 'A' ? 'B' : 'A'
        await rejection(judge.validate(good.slice(0, i) + other + good.slice(i + 1)), TokenInvalidError)
      }
    })
  })

  describe('when the key source breaks', () => {
    it('says that keys are unavailable, and keeps the cause', async () => {
      const cause = new Error('database down')
      const keys: KeySource = { keyFor: () => Promise.reject(cause) }
      const error = await rejection(
        validator({ jwksCooldownSeconds: 7 }, keys).validate(await token()),
        KeysUnavailableError,
      )
      expect(error).to.include({ retryAfterSeconds: 7, cause })
    })

    it('says so when it throws instead of rejecting', async () => {
      const keys: KeySource = {
        keyFor: () => {
          throw new TypeError('boom')
        },
      }
      await rejection(validator({}, keys).validate(await token()), KeysUnavailableError)
    })

    it('passes on what it says itself', async () => {
      const own = new KeysUnavailableError(3)
      const error = await rejection(
        validator({}, { keyFor: () => Promise.reject(own) }).validate(await token()),
        KeysUnavailableError,
      )
      expect(error).to.equal(own)
    })
  })

  it('never puts the token or a claim into a message', async () => {
    const secret = 'SECRET'
    const tokens = [
      secret,
      await token({ typ: secret }),
      await token({ kid: secret }),
      await token({}, { ...CLAIMS, iss: secret }),
      await token({}, { ...CLAIMS, aud: secret }),
      await token({}, { ...CLAIMS, exp: secret }),
      await token({}, `{${secret}}`),
    ]
    for (const text of tokens) {
      const { message } = await rejection(validator().validate(text), TokenInvalidError)
      expect(message).not.to.contain(secret).and.not.contain(text)
    }
  })
})

describe('verifying a signature', () => {
  it('uses no other algorithm than the one in the header', async () => {
    const { privateKey, publicKey } = await keyPair('RS256')
    const jws = compactJws((await sign(privateKey, { alg: 'RS256' })) as RawToken)
    await verifySignature(jws, publicKey)
    const verified = async (alg: string) => verifySignature({ ...jws, header: { alg } }, publicKey)
    const error = await rejection(verified('RS512'), TokenInvalidError)
    expect(error.code).to.equal('token_malformed')
    expect(error.cause).to.be.instanceOf(Error)
  })
})
