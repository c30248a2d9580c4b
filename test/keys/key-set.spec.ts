import { generateKeyPairSync } from 'node:crypto'
import { expect } from 'chai'
import { exportJWK, type JWK } from 'jose'
import { before, describe, it } from 'mocha'
import { KeySet } from '../../src/keys/key-set.js'
import { fitsAlgorithm, keyFault, usableKey } from '../../src/keys/usable-key.js'
import { type KeyPair, keyPair, newKeyPair } from './key-pairs.js'

describe('a key set', () => {
  let rsa: KeyPair
  let other: KeyPair
  let ec: KeyPair
  let ed: KeyPair
  before(async () => {
    rsa = await keyPair('RS256')
    other = await keyPair('RS256', 'other')
    ec = await keyPair('ES256')
    ed = await keyPair('EdDSA')
  })

  const keySet = (...keys: readonly unknown[]) => KeySet.parse({ keys }) as KeySet
  const found = async (set: KeySet, header: { alg: string; kid?: string }): Promise<JWK | undefined> => {
    const key = await set.find(header)
    return key && (await exportJWK(key))
  }

  for (const document of [undefined, null, 5, 'keys', [], {}, { keys: null }, { keys: {} }, { keys: 'a' }]) {
    it(`is not ${JSON.stringify(document)}`, () => {
      expect(KeySet.parse(document)).to.equal(undefined)
    })
  }

  it('may be empty', async () => {
    const set = keySet()
    expect(set.size).to.equal(0)
    expect(await set.find({ alg: 'RS256', kid: 'a' })).to.equal(undefined)
    expect(await set.find({ alg: 'RS256' })).to.equal(undefined)
  })

  it('finds the key with the id', async () => {
    const set = keySet({ ...rsa.jwk, kid: 'a' }, { ...other.jwk, kid: 'b' })
    expect((await found(set, { alg: 'RS256', kid: 'b' }))?.n).to.equal(other.jwk.n)
    expect(await found(set, { alg: 'RS256', kid: 'c' })).to.equal(undefined)
  })

  it('tells ids apart by every letter, the empty id included', async () => {
    const set = keySet({ ...rsa.jwk, kid: '' }, { ...other.jwk, kid: 'A' })
    expect((await found(set, { alg: 'RS256', kid: '' }))?.n).to.equal(rsa.jwk.n)
    expect(await found(set, { alg: 'RS256', kid: 'a' })).to.equal(undefined)
    for (const kid of ['constructor', '__proto__']) expect(await found(set, { alg: 'RS256', kid })).to.equal(undefined)
  })

  it('finds the only key for the algorithm where the token names no id', async () => {
    const set = keySet({ ...rsa.jwk, kid: 'a' }, { ...ec.jwk, kid: 'b' })
    expect((await found(set, { alg: 'ES256' }))?.x).to.equal(ec.jwk.x)
  })

  it('finds none where the token names no id and several keys would do', async () => {
    expect(await found(keySet({ ...rsa.jwk, kid: 'a' }, { ...other.jwk, kid: 'b' }), { alg: 'RS256' })).to.equal(
      undefined,
    )
  })

  it('does not take a key without an id for the one a token names', async () => {
    expect(await found(keySet(rsa.jwk), { alg: 'RS256', kid: 'a' })).to.equal(undefined)
  })

  it('finds none where two keys share the id, unless only one fits the algorithm', async () => {
    const same = keySet({ ...rsa.jwk, kid: 'a' }, { ...other.jwk, kid: 'a' })
    expect(await found(same, { alg: 'RS256', kid: 'a' })).to.equal(undefined)
    const mixed = keySet({ ...rsa.jwk, kid: 'a' }, { ...ec.jwk, kid: 'a' })
    expect((await found(mixed, { alg: 'RS256', kid: 'a' }))?.n).to.equal(rsa.jwk.n)
    const byAlg = keySet({ ...rsa.jwk, kid: 'a', alg: 'RS512' }, { ...other.jwk, kid: 'a', alg: 'RS256' })
    expect((await found(byAlg, { alg: 'RS256', kid: 'a' }))?.n).to.equal(other.jwk.n)
  })

  it('never uses a key for an algorithm other than the one it names', async () => {
    const set = keySet({ ...rsa.jwk, kid: 'a', alg: 'RS512' })
    expect(await found(set, { alg: 'RS256', kid: 'a' })).to.equal(undefined)
    expect((await found(set, { alg: 'RS512', kid: 'a' }))?.n).to.equal(rsa.jwk.n)
  })

  it('serves every algorithm of its type with a key that names none, each with a key of its own', async () => {
    const set = keySet({ ...rsa.jwk, kid: 'a' })
    for (const [alg, name] of [
      ['RS256', 'RSASSA-PKCS1-v1_5'],
      ['PS384', 'RSA-PSS'],
    ] as const) {
      expect((await set.find({ alg, kid: 'a' }))?.algorithm.name).to.equal(name)
    }
  })

  it('imports a key once per algorithm', async () => {
    const set = keySet({ ...rsa.jwk, kid: 'a' })
    const [first, second] = await Promise.all([1, 2].map(() => set.find({ alg: 'RS256', kid: 'a' })))
    expect(first)
      .to.equal(second)
      .and.equal(await set.find({ alg: 'RS256', kid: 'a' }))
  })

  it('takes a key that is listed twice, to the letter of what counts, for one', async () => {
    const set = keySet({ ...rsa.jwk, kid: 'a' }, { ...rsa.jwk, kid: 'a', use: 'sig' }, { kid: 'a', ...rsa.jwk, x: 1 })
    expect(set.size).to.equal(1)
    expect((await found(set, { alg: 'RS256', kid: 'a' }))?.n).to.equal(rsa.jwk.n)
    expect((await found(set, { alg: 'RS256' }))?.n).to.equal(rsa.jwk.n)
  })

  it('passes over a twin that cannot be imported', async () => {
    const broken = { ...ec.jwk, kid: 'a', y: ec.jwk.x }
    for (const set of [keySet(broken, { ...ec.jwk, kid: 'a' }), keySet({ ...ec.jwk, kid: 'a' }, broken)]) {
      expect((await found(set, { alg: 'ES256', kid: 'a' }))?.y).to.equal(ec.jwk.y)
    }
  })

  it('is at a loss where very many keys share an id, and says so at once', async () => {
    const keys = Array.from({ length: 1000 }, (_, i) => ({
      ...rsa.jwk,
      kid: 'a',
      n: `${rsa.jwk.n?.slice(0, -4)}${1000 + i}`,
    }))
    expect(await found(keySet(...keys, { ...rsa.jwk, kid: 'a' }), { alg: 'RS256', kid: 'a' })).to.equal(undefined)
  })

  it('looks into eight keys of one id, and no more', async () => {
    const broken = (count: number) =>
      Array.from({ length: count }, (_, i) => ({ ...ec.jwk, kid: 'a', y: `${ec.jwk.x?.slice(0, -2)}${10 + i}` }))
    const header = { alg: 'ES256', kid: 'a' }
    const own = { ...ec.jwk, kid: 'a' }
    expect((await found(keySet(...broken(7), own), header))?.y).to.equal(ec.jwk.y)
    expect(await found(keySet(...broken(8), own), header)).to.equal(undefined)
  })

  describe('that follows another', () => {
    const following = (previous: KeySet, ...keys: readonly unknown[]) => KeySet.parse({ keys }, previous) as KeySet
    const header = { alg: 'RS256', kid: 'a' }

    it('does not import again what both list, so that the key stays the same object', async () => {
      const previous = keySet({ ...rsa.jwk, kid: 'a' })
      const key = await previous.find(header)
      const set = following(previous, { ...other.jwk, kid: 'b' }, { ...rsa.jwk, kid: 'a' })
      expect(await set.find(header))
        .to.equal(key)
        .and.not.equal(undefined)
    })

    it('does not mind what else has changed about the key', async () => {
      const previous = keySet({ ...rsa.jwk, kid: 'a' })
      const key = await previous.find(header)
      expect(await following(previous, { ...rsa.jwk, kid: 'a', use: 'sig', x5t: 'b' }).find(header)).to.equal(key)
    })

    it('imports anew what comes under another id or with another algorithm', async () => {
      const previous = keySet({ ...rsa.jwk, kid: 'a' })
      const key = await previous.find(header)
      const renamed = following(previous, { ...rsa.jwk, kid: 'b' })
      expect(await renamed.find({ alg: 'RS256', kid: 'b' })).not.to.equal(key)
      expect(await renamed.find(header)).to.equal(undefined)
      const narrowed = following(previous, { ...rsa.jwk, kid: 'a', alg: 'RS512' })
      expect(await narrowed.find(header)).to.equal(undefined)
    })

    it('keeps nothing of what it does not list', async () => {
      const previous = keySet({ ...rsa.jwk, kid: 'a' })
      const key = await previous.find(header)
      const empty = following(previous)
      expect(await empty.find(header)).to.equal(undefined)
      const back = following(empty, { ...rsa.jwk, kid: 'a' })
      expect(await back.find(header)).not.to.equal(key)
      expect((await found(back, header))?.n).to.equal(rsa.jwk.n)
    })

    it('passes over what could not be imported before, too', async () => {
      const broken = { ...ec.jwk, kid: 'a', y: ec.jwk.x }
      const previous = keySet(broken)
      await previous.find({ alg: 'ES256', kid: 'a' })
      expect(await following(previous, broken).find({ alg: 'ES256', kid: 'a' })).to.equal(undefined)
    })
  })

  describe('has at hand', () => {
    const header = { alg: 'RS256', kid: 'a' }

    it('what has been found before, by the same header', async () => {
      const set = keySet({ ...rsa.jwk, kid: 'a' })
      expect(set.foundBefore(header)).to.equal(undefined)
      const key = await set.find(header)
      expect(set.foundBefore(header)).to.equal(key)
      for (const otherHeader of [{ alg: 'RS512', kid: 'a' }, { alg: 'RS256', kid: 'b' }, { alg: 'RS256' }]) {
        expect(set.foundBefore(otherHeader)).to.equal(undefined)
      }
    })

    it('what has been found without an id, for tokens without one', async () => {
      const set = keySet({ ...rsa.jwk, kid: 'a' })
      const key = await set.find({ alg: 'RS256' })
      expect(set.foundBefore({ alg: 'RS256' })).to.equal(key)
      expect(set.foundBefore(header)).to.equal(undefined)
    })

    it('nothing that could not be found', async () => {
      const set = keySet({ ...rsa.jwk, kid: 'a' }, { ...other.jwk, kid: 'a' })
      for (const asked of [header, { alg: 'RS256', kid: 'c' }, { alg: 'RS256' }, { alg: 'none', kid: 'a' }]) {
        await set.find(asked)
        expect(set.foundBefore(asked)).to.equal(undefined)
      }
    })

    it('nothing of a set before: what was clear there may be ambiguous here', async () => {
      const previous = keySet({ ...rsa.jwk, kid: 'a' })
      await previous.find(header)
      const set = KeySet.parse(
        {
          keys: [
            { ...rsa.jwk, kid: 'a' },
            { ...other.jwk, kid: 'a' },
          ],
        },
        previous,
      ) as KeySet
      expect(set.foundBefore(header)).to.equal(undefined)
      expect(await set.find(header)).to.equal(undefined)
    })
  })

  for (const { what, e } of [
    { what: 'the exponent 1, with which anything is a signature of itself', e: 'AQ' },
    { what: 'an even exponent', e: 'AQAA' },
    { what: 'the exponent 0', e: 'AA' },
    { what: 'no exponent to speak of', e: '' },
    { what: 'an exponent that is no base64url', e: '!' },
  ]) {
    it(`has no RSA key with ${what}`, async () => {
      const set = keySet({ ...rsa.jwk, e, kid: 'a' }, { ...other.jwk, kid: 'b' })
      expect(await found(set, { alg: 'RS256', kid: 'a' })).to.equal(undefined)
      expect((await found(set, { alg: 'RS256', kid: 'b' }))?.n).to.equal(other.jwk.n)
    })
  }

  it('has RSA keys with the exponent 3', async () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 3 })
    const set = keySet({ ...publicKey.export({ format: 'jwk' }), kid: 'a' })
    expect((await found(set, { alg: 'RS256', kid: 'a' }))?.e).to.equal('Aw')
  })

  for (const alg of ['none', 'HS256', 'constructor', '__proto__', '']) {
    it(`has no key for the algorithm ${JSON.stringify(alg)}`, async () => {
      expect(await found(keySet({ ...rsa.jwk, kid: 'a' }), { alg, kid: 'a' })).to.equal(undefined)
    })
  }

  it('imports the public half of a key only', async () => {
    const set = keySet({ ...(await exportJWK(rsa.privateKey)), kid: 'a' })
    const key = await set.find({ alg: 'RS256', kid: 'a' })
    expect(key).to.include({ type: 'public' })
    expect(key?.usages).to.deep.equal(['verify'])
  })

  it('has no RSA key below 2048 bits', async () => {
    const { publicKey } = await crypto.subtle.generateKey(
      { name: 'RSASSA-PKCS1-v1_5', modulusLength: 1024, publicExponent: Uint8Array.of(1, 0, 1), hash: 'SHA-256' },
      true,
      ['sign', 'verify'],
    )
    const set = keySet({ ...(await exportJWK(publicKey)), kid: 'a' })
    expect(await found(set, { alg: 'RS256', kid: 'a' })).to.equal(undefined)
  })

  it('has RSA keys of 2048 and 4096 bits', async () => {
    const large = await newKeyPair('RS256', { modulusLength: 4096 })
    const set = keySet({ ...rsa.jwk, kid: 'small' }, { ...large.jwk, kid: 'large' })
    for (const kid of ['small', 'large']) expect(await found(set, { alg: 'RS256', kid })).not.to.equal(undefined)
  })

  it('counts a key that cannot be imported as absent, and stays usable', async () => {
    const set = keySet({ ...ec.jwk, kid: 'off-curve', y: ec.jwk.x }, { ...ec.jwk, kid: 'a' })
    expect(await found(set, { alg: 'ES256', kid: 'off-curve' })).to.equal(undefined)
    expect((await found(set, { alg: 'ES256', kid: 'a' }))?.x).to.equal(ec.jwk.x)
  })

  it('passes over whatever is no usable key', async () => {
    const junk = [null, 5, 'key', [], {}, { kty: 'oct', k: 'c2VjcmV0', kid: 'a' }, { ...rsa.jwk, use: 'enc', kid: 'a' }]
    const set = keySet(...junk, { ...rsa.jwk, kid: 'a' })
    expect(set.size).to.equal(1)
    expect((await found(set, { alg: 'RS256', kid: 'a' }))?.n).to.equal(rsa.jwk.n)
  })

  it('of 10,000 keys finds each', async () => {
    const keys = Array.from({ length: 10_000 }, (_, i) => ({ ...rsa.jwk, kid: `key-${i}` }))
    const set = keySet(...keys)
    expect(set.size).to.equal(10_000)
    for (let i = 0; i < 100; i++) {
      expect((await found(set, { alg: 'RS256', kid: `key-${i * 100}` }))?.n).to.equal(rsa.jwk.n)
    }
  })

  describe('takes a key', () => {
    const variants: readonly { what: string; jwk: () => Record<string, unknown>; usable: boolean }[] = [
      { what: 'for signatures', jwk: () => ({ ...rsa.jwk, use: 'sig' }), usable: true },
      { what: 'for encryption', jwk: () => ({ ...rsa.jwk, use: 'enc' }), usable: false },
      { what: 'for something that is no text', jwk: () => ({ ...rsa.jwk, use: null }), usable: false },
      { what: 'that may verify', jwk: () => ({ ...rsa.jwk, key_ops: ['verify'] }), usable: true },
      { what: 'that may only wrap keys', jwk: () => ({ ...rsa.jwk, key_ops: ['wrapKey'] }), usable: false },
      { what: 'that may do nothing', jwk: () => ({ ...rsa.jwk, key_ops: [] }), usable: false },
      { what: 'whose operations are no list', jwk: () => ({ ...rsa.jwk, key_ops: 'verify' }), usable: false },
      { what: 'whose id is a number', jwk: () => ({ ...rsa.jwk, kid: 5 }), usable: false },
      { what: 'whose algorithm is no text', jwk: () => ({ ...rsa.jwk, alg: ['RS256'] }), usable: false },
      { what: 'of no type', jwk: () => ({ n: rsa.jwk.n, e: rsa.jwk.e }), usable: false },
      { what: 'of a type that is no text', jwk: () => ({ ...rsa.jwk, kty: ['RSA'] }), usable: false },
      { what: 'of an inherited type', jwk: () => ({ ...rsa.jwk, kty: 'constructor' }), usable: false },
      { what: 'that is a shared secret', jwk: () => ({ kty: 'oct', k: 'c2VjcmV0' }), usable: false },
      { what: 'without an exponent', jwk: () => ({ kty: 'RSA', n: rsa.jwk.n }), usable: false },
      { what: 'whose modulus is no text', jwk: () => ({ ...rsa.jwk, n: 5 }), usable: false },
      { what: 'on a curve', jwk: () => ({ ...ec.jwk }), usable: true },
      {
        what: 'on a curve, without one coordinate',
        jwk: () => ({ kty: 'EC', crv: 'P-256', x: ec.jwk.x }),
        usable: false,
      },
      { what: 'on an Edwards curve', jwk: () => ({ ...ed.jwk }), usable: true },
      { what: 'on an unnamed curve', jwk: () => ({ kty: 'OKP', x: ed.jwk.x }), usable: false },
    ]
    for (const { what, jwk, usable } of variants) {
      it(`${what}: ${usable ? 'yes' : 'no'}`, () => {
        expect(usableKey(jwk()) !== undefined).to.equal(usable)
      })
    }

    const faults: readonly { jwk: unknown; fault: string | undefined }[] = [
      { jwk: 5, fault: 'is no JSON object' },
      { jwk: null, fault: 'is no JSON object' },
      { jwk: { kty: 'oct' }, fault: 'is of a type (kty) that has no public keys for signatures' },
      { jwk: { kty: 'EC', crv: 'P-256', x: 'a' }, fault: 'lacks one of crv, x, y' },
      { jwk: { kty: 'RSA', n: 'a', e: 'b', use: 'enc' }, fault: 'is not meant for signatures (use)' },
      { jwk: { kty: 'RSA', n: 'a', e: 'b', key_ops: [] }, fault: 'is not meant to verify (key_ops)' },
      { jwk: { kty: 'RSA', n: 'a', e: 'b', kid: 5 }, fault: 'has a kid or alg that is no text' },
      { jwk: { kty: 'RSA', n: 'a', e: 'b' }, fault: undefined },
    ]
    for (const { jwk, fault } of faults) {
      it(`${JSON.stringify(jwk)}, or says why not: ${fault}`, () => {
        expect(keyFault(jwk)).to.equal(fault)
      })
    }

    it('without its private members, and without anything else that is not asked for', async () => {
      const jwk = {
        ...(await exportJWK(rsa.privateKey)),
        kid: 'a',
        alg: 'RS256',
        use: 'sig',
        x5u: 'https://evil.test',
        ext: true,
      }
      expect(usableKey(jwk)).to.deep.equal({ kty: 'RSA', kid: 'a', alg: 'RS256', n: rsa.jwk.n, e: rsa.jwk.e })
    })
  })

  describe('fits keys to algorithms', () => {
    const kinds: readonly { jwk: JWK; algorithms: readonly string[] }[] = [
      { jwk: { kty: 'RSA' }, algorithms: ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] },
      { jwk: { kty: 'EC', crv: 'P-256' }, algorithms: ['ES256'] },
      { jwk: { kty: 'EC', crv: 'P-384' }, algorithms: ['ES384'] },
      { jwk: { kty: 'EC', crv: 'P-521' }, algorithms: ['ES512'] },
      { jwk: { kty: 'EC', crv: 'secp256k1' }, algorithms: [] },
      { jwk: { kty: 'OKP', crv: 'Ed25519' }, algorithms: ['EdDSA'] },
      { jwk: { kty: 'OKP', crv: 'Ed448' }, algorithms: [] },
      { jwk: { kty: 'OKP', crv: 'X25519' }, algorithms: [] },
      { jwk: { kty: 'oct' }, algorithms: [] },
      { jwk: { kty: 'RSA', alg: 'PS256' }, algorithms: ['PS256'] },
      { jwk: { kty: 'RSA', alg: 'ES256' }, algorithms: [] },
      { jwk: { kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA' }, algorithms: ['EdDSA'] },
      { jwk: { kty: 'OKP', crv: 'Ed25519', alg: 'Ed25519' }, algorithms: ['EdDSA'] },
    ]
    const everyAlgorithm = [
      ...['RS', 'PS', 'ES', 'HS'].flatMap((family) => ['256', '384', '512'].map((bits) => family + bits)),
      'EdDSA',
      'Ed25519',
      'ES256K',
      'none',
      'constructor',
    ]
    for (const { jwk, algorithms } of kinds) {
      it(`${JSON.stringify(jwk)}: ${algorithms.join(', ') || 'none'}`, () => {
        expect(everyAlgorithm.filter((algorithm) => fitsAlgorithm(jwk, algorithm))).to.deep.equal(algorithms)
      })
    }
  })
})
