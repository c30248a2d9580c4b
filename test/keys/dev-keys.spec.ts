import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { CryptoKey, JWTHeaderParameters } from 'jose'
import { afterEach, beforeEach, describe, it } from 'mocha'
import { TokenInvalidError } from '../../src/errors/token-invalid-error.js'
import { DevKeys } from '../../src/keys/dev-keys.js'
import type { KeySource } from '../../src/keys/key-source.js'
import { generateSigningKeyPair } from '../../src/testing/index.js'
import { rejection } from './rejection.js'

const { publicJwk } = await generateSigningKeyPair('ES256')
const published = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])

describe("a developer's keys", () => {
  let folder: string
  let asked: JWTHeaderParameters[]
  let keys: DevKeys
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'dev-keys-'))
    asked = []
    keys = new DevKeys(source, folder)
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const source: KeySource = {
    keyFor: async (header) => {
      asked.push(header)
      if (header.kid !== 'published') throw new TokenInvalidError('key_unknown')
      return published.publicKey as CryptoKey
    },
    keyAtHand: () => published.publicKey as CryptoKey,
    forIssuer: (issuer) => (issuer === 'https://a.test' ? source : undefined),
  }
  const write = (content: unknown, name = 'ES256.public.json') =>
    writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content))
  const find = (header: JWTHeaderParameters) => keys.keyFor(header)
  const DEV = { alg: 'ES256', kid: 'dev:mine' }

  it('are found by their id, the same object each time', async () => {
    write({ ...publicJwk, kid: 'dev:mine' })
    const key = await find(DEV)
    expect(key.algorithm).to.deep.equal({ name: 'ECDSA', namedCurve: 'P-256' })
    expect(await find(DEV)).to.equal(key)
    expect(asked).to.deep.equal([])
  })

  it('are read again each time: made later, changed, deleted', async () => {
    await rejection(find(DEV), TokenInvalidError)
    write({ ...publicJwk, kid: 'dev:mine' })
    await find(DEV)
    write({ ...publicJwk, kid: 'dev:other' })
    await rejection(find(DEV), TokenInvalidError)
    await find({ ...DEV, kid: 'dev:other' })
    rmSync(join(folder, 'ES256.public.json'))
    await rejection(find({ ...DEV, kid: 'dev:other' }), TokenInvalidError)
  })

  it("leave everything else to the issuer's", async () => {
    write({ ...publicJwk, kid: 'published' })
    expect(await find({ alg: 'ES256', kid: 'published' })).to.equal(published.publicKey)
    expect(keys.keyAtHand({ alg: 'ES256', kid: 'published' })).to.equal(published.publicKey)
    expect(keys.keyAtHand(DEV)).to.equal(undefined)
    await rejection(find({ alg: 'ES256' }), TokenInvalidError)
  })

  for (const content of [
    '',
    '{',
    'null',
    '[]',
    '5',
    {},
    { ...publicJwk, kid: 'dev:mine', use: 'enc' },
    { kty: 'oct' },
  ]) {
    it(`are none where the file says ${JSON.stringify(content).slice(0, 20)}`, async () => {
      write(content)
      await rejection(find(DEV), TokenInvalidError)
      expect(asked).to.have.length(1)
    })
  }

  it('are looked for in their folder only', async () => {
    const outside = `${folder}.public.json`
    writeFileSync(outside, JSON.stringify({ ...publicJwk, alg: undefined, kid: 'dev:mine' }))
    try {
      await rejection(find({ alg: `../${folder.split('/').pop()}`, kid: 'dev:mine' }), TokenInvalidError)
    } finally {
      rmSync(outside)
    }
  })

  it('stand beside a source that knows one issuer only, and has nothing at hand', () => {
    const { keyFor } = source
    const beside = new DevKeys({ keyFor }, folder)
    expect(beside.keyAtHand({ alg: 'ES256', kid: 'published' })).to.equal(undefined)
    expect(beside.forIssuer('https://a.test')).to.equal(undefined)
  })

  it('count for each of several issuers, and for no other', async () => {
    write({ ...publicJwk, kid: 'dev:mine' })
    const own = keys.forIssuer('https://a.test')
    expect(own).to.be.instanceOf(DevKeys).and.equal(keys.forIssuer('https://a.test'))
    await own?.keyFor(DEV)
    expect(asked).to.deep.equal([])
    expect(keys.forIssuer('https://b.test')).to.equal(undefined)
  })
})
