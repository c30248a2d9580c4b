import { createPrivateKey, createPublicKey, randomBytes, sign as signRaw } from 'node:crypto'
import { expect } from 'chai'
import { CompactSign, type CryptoKey, compactVerify, exportJWK, importJWK } from 'jose'
import { before, describe, it } from 'mocha'
import { verifySignature } from '../../src/authentication/verify-signature.js'
import { TokenInvalidError } from '../../src/errors/token-invalid-error.js'
import { compactJws } from '../../src/tokens/compact-jws.js'
import type { RawToken } from '../../src/tokens/raw-token.js'
import { type KeyPair, keyPair } from '../keys/key-pairs.js'
import { rejection } from '../keys/rejection.js'

const ON_THREAD = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] as const
const BY_JOSE = ['ES256', 'ES384', 'ES512', 'EdDSA'] as const

const base64url = (bytes: Uint8Array | string) => Buffer.from(bytes).toString('base64url')
const sign = (key: CryptoKey, alg: string, payload = 'payload') =>
  new CompactSign(Buffer.from(payload)).setProtectedHeader({ alg }).sign(key)
const verified = async (token: string, key: CryptoKey) => verifySignature(compactJws(token as RawToken), key)
const isAccepted = (token: string, key: CryptoKey) =>
  verified(token, key).then(
    () => true,
    (error: unknown) => {
      expect(error).to.be.instanceOf(TokenInvalidError)
      return false
    },
  )
/** A token whose signature does, or doesn't, begin with a byte of zeros: one in 256 does. */
const signed = async (key: CryptoKey, alg: string, beginsWithZeros: boolean): Promise<string> => {
  for (let attempt = 0; ; attempt++) {
    const token = await sign(key, alg, `payload ${attempt}`)
    const [first] = Buffer.from(token.slice(token.lastIndexOf('.') + 1), 'base64url')
    if ((first === 0) === beginsWithZeros) return token
  }
}
const joseAccepts = (token: string, key: CryptoKey, alg: string) =>
  compactVerify(token, key, { algorithms: [alg] }).then(
    () => true,
    () => false,
  )

describe('a signature', () => {
  for (const alg of [...ON_THREAD, ...BY_JOSE]) {
    describe(`of ${alg}`, () => {
      let pair: KeyPair
      let stranger: KeyPair
      before(async () => {
        pair = await keyPair(alg)
        stranger = await keyPair(alg, 'stranger')
      })

      it('is accepted and refused exactly as jose does', async () => {
        const token = await signed(pair.privateKey, alg, false)
        const [header = '', payload = '', signature = ''] = token.split('.')
        const bytes = Buffer.from(signature, 'base64url')
        const flipped = (index: number) => Buffer.from(bytes.map((byte, i) => (i === index ? byte ^ 1 : byte)))
        const signatures = [
          bytes,
          flipped(0),
          flipped(bytes.length >> 1),
          flipped(bytes.length - 1),
          Buffer.alloc(0),
          Buffer.alloc(bytes.length),
          Buffer.alloc(bytes.length, 0xff),
          Buffer.concat([bytes, Buffer.alloc(1)]),
          Buffer.concat([Buffer.alloc(1), bytes]),
          bytes.subarray(1),
          bytes.subarray(0, -1),
          Buffer.concat([bytes, bytes]),
          randomBytes(bytes.length),
        ]
        const tokens = [
          ...signatures.map((each) => `${header}.${payload}.${base64url(each)}`),
          `${header}.${base64url('payloae')}.${signature}`,
          `${header}..${signature}`,
          `${base64url(JSON.stringify({ alg, kid: 'b' }))}.${payload}.${signature}`,
          await sign(stranger.privateKey, alg),
          await sign(pair.privateKey, alg, ''),
          await sign(pair.privateKey, alg, 'é\0'.repeat(2000)),
        ]
        const verdicts = await Promise.all(tokens.map((each) => isAccepted(each, pair.publicKey)))
        expect(verdicts).to.deep.equal(await Promise.all(tokens.map((each) => joseAccepts(each, pair.publicKey, alg))))
        expect(verdicts.filter(Boolean)).to.have.length(3)
        expect(verdicts[0]).to.equal(true)
      })

      it('is never accepted with a private key, though it fits', async () => {
        const token = await sign(pair.privateKey, alg)
        expect(await isAccepted(token, pair.publicKey)).to.equal(true)
        expect(await isAccepted(token, pair.privateKey)).to.equal(false)
      })

      it('is never accepted with a key of any other algorithm', async () => {
        const token = await sign(pair.privateKey, alg)
        for (const other of [...ON_THREAD, ...BY_JOSE]) {
          if (other === alg) continue
          // The same RSA key where there is one, imported for another algorithm than the token's.
          const isSameKind = /^[RP]S/.test(alg) && /^[RP]S/.test(other)
          const key = isSameKind ? await importJWK(pair.jwk, other) : (await keyPair(other)).publicKey
          expect(await isAccepted(token, key as CryptoKey), other).to.equal(false)
        }
      })
    })
  }

  for (const alg of ON_THREAD) {
    it(`of ${alg} is not accepted without the zeros it begins with (RFC 8017, section 8.1.2)`, async () => {
      const { privateKey, publicKey } = await keyPair(alg)
      const token = await signed(privateKey, alg, true)
      const end = token.lastIndexOf('.') + 1
      const shortened = base64url(Buffer.from(token.slice(end), 'base64url').subarray(1))
      expect(await isAccepted(token, publicKey)).to.equal(true)
      expect(await isAccepted(token.slice(0, end) + shortened, publicKey)).to.equal(false)
    })
  }

  for (const [alg, name] of [
    ['RS256', 'RSASSA-PKCS1-v1_5'],
    ['PS256', 'RSA-PSS'],
  ] as const) {
    it(`of ${alg} is accepted with a key that may not be exported, without a warning`, async () => {
      const { privateKey, publicKey, jwk } = await keyPair(alg)
      const closed = await crypto.subtle.importKey('jwk', jwk, { name, hash: 'SHA-256' }, false, ['verify'])
      const warnings: Error[] = []
      const listen = (warning: Error) => warnings.push(warning)
      process.on('warning', listen)
      const token = await sign(privateKey, alg)
      for (const key of [closed, publicKey]) expect(await isAccepted(token, key)).to.equal(true)
      expect(await isAccepted(await sign((await keyPair(alg, 'stranger')).privateKey, alg), closed)).to.equal(false)
      await new Promise(setImmediate)
      process.off('warning', listen)
      expect(warnings).to.deep.equal([])
    })
  }

  describe('of RSA is not accepted', () => {
    let pair: KeyPair
    before(async () => {
      pair = await keyPair('RS256')
    })
    const importAs = async (name: string, hash: string, usages: readonly ('verify' | 'encrypt')[]) =>
      crypto.subtle.importKey('jwk', pair.jwk, { name, hash }, true, [...usages])

    it('with the same key imported for encryption', async () => {
      const token = await sign(pair.privateKey, 'RS256')
      expect(await isAccepted(token, await importAs('RSA-OAEP', 'SHA-256', ['encrypt']))).to.equal(false)
    })

    it('with the same key imported for nothing', async () => {
      const token = await sign(pair.privateKey, 'RS256')
      const error = await rejection(
        verified(token, await importAs('RSASSA-PKCS1-v1_5', 'SHA-256', [])),
        TokenInvalidError,
      )
      expect(error.code).to.equal('token_malformed')
    })

    it('with a key below 2048 bits, whoever imported it', async () => {
      const weak = await crypto.subtle.generateKey(
        { name: 'RSASSA-PKCS1-v1_5', modulusLength: 1024, publicExponent: Uint8Array.of(1, 0, 1), hash: 'SHA-256' },
        true,
        ['sign', 'verify'],
      )
      const input = `${base64url('{"alg":"RS256"}')}.${base64url('payload')}`
      const signature = await crypto.subtle.sign('RSASSA-PKCS1-v1_5', weak.privateKey, Buffer.from(input))
      expect(await isAccepted(`${input}.${base64url(new Uint8Array(signature))}`, weak.publicKey)).to.equal(false)
    })

    for (const { what, saltLength } of [
      { what: 'no salt', saltLength: 0 },
      { what: 'a salt of another length', saltLength: 20 },
      { what: 'the longest salt', saltLength: 222 },
    ]) {
      it(`of PSS with ${what}`, async () => {
        const ps = await keyPair('PS256')
        const key = createPrivateKey({ key: await exportJWK(ps.privateKey), format: 'jwk' })
        const input = `${base64url('{"alg":"PS256"}')}.${base64url('payload')}`
        const signed = (length: number) =>
          signRaw('sha256', Buffer.from(input), { key, padding: 6, saltLength: length }).toString('base64url')
        expect(await isAccepted(`${input}.${signed(32)}`, ps.publicKey)).to.equal(true)
        expect(await isAccepted(`${input}.${signed(saltLength)}`, ps.publicKey)).to.equal(false)
      })
    }

    it('of one padding for the other', async () => {
      const key = createPrivateKey({ key: await exportJWK(pair.privateKey), format: 'jwk' })
      for (const { alg, padding } of [
        { alg: 'RS256', padding: 6 },
        { alg: 'PS256', padding: 1 },
      ]) {
        const input = `${base64url(JSON.stringify({ alg }))}.${base64url('payload')}`
        const signature = signRaw('sha256', Buffer.from(input), { key, padding }).toString('base64url')
        const publicKey = (await importJWK(pair.jwk, alg)) as CryptoKey
        expect(await isAccepted(`${input}.${signature}`, publicKey), alg).to.equal(false)
      }
    })
  })

  for (const [alg, size] of [
    ['ES256', 64],
    ['ES384', 96],
    ['ES512', 132],
  ] as const) {
    it(`of ${alg} in DER is not accepted: JOSE writes two numbers of one length`, async () => {
      const pair = await keyPair(alg)
      const key = createPrivateKey({ key: await exportJWK(pair.privateKey), format: 'jwk' })
      const input = `${base64url(JSON.stringify({ alg }))}.${base64url('payload')}`
      const hash = { ES256: 'sha256', ES384: 'sha384', ES512: 'sha512' }[alg]
      const raw = signRaw(hash, Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' })
      expect(raw).to.have.length(size)
      expect(await isAccepted(`${input}.${base64url(raw)}`, pair.publicKey)).to.equal(true)
      const der = signRaw(hash, Buffer.from(input), { key, dsaEncoding: 'der' })
      expect(await isAccepted(`${input}.${base64url(der)}`, pair.publicKey)).to.equal(false)
      expect(await isAccepted(`${input}.${base64url(Buffer.alloc(size))}`, pair.publicKey)).to.equal(false)
    })
  }

  it('needs its key to be public: the one made from the private key does', async () => {
    const pair = await keyPair('RS256')
    const pem = createPrivateKey({ key: await exportJWK(pair.privateKey), format: 'jwk' })
    const key = (await importJWK(createPublicKey(pem).export({ format: 'jwk' }), 'RS256')) as CryptoKey
    expect(await isAccepted(await sign(pair.privateKey, 'RS256'), key)).to.equal(true)
  })
})
