import { execFile } from 'node:child_process'
import { createPrivateKey, createPublicKey } from 'node:crypto'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { CompactSign, calculateJwkThumbprint, compactVerify, importJWK, importPKCS8, importSPKI } from 'jose'
import { after, before, describe, it } from 'mocha'
import type { SignatureAlgorithm } from '../../src/config/auth-client-settings.js'
import { generateRsaKeyPair, generateSigningKeyPair, type SigningKeyPair } from '../../src/testing/index.js'

const DATA = new TextEncoder().encode('data')

/** What every key pair promises, whoever made it. */
async function expectWholeKeyPair(pair: SigningKeyPair, algorithm: SignatureAlgorithm): Promise<void> {
  const { kid } = pair
  expect(pair.algorithm).to.equal(algorithm)
  expect(pair.privateKeyPem).to.match(/^-----BEGIN PRIVATE KEY-----\n/)
  expect(pair.publicKeyPem).to.match(/^-----BEGIN PUBLIC KEY-----\n/)
  expect(kid).to.equal(await calculateJwkThumbprint(pair.publicJwk))
  expect(pair.publicJwk).to.include({ kid, alg: algorithm, use: 'sig' })
  expect(pair.publicJwk).to.not.have.any.keys('d', 'p', 'q', 'dp', 'dq', 'qi')
  expect(pair.privateJwk)
    .to.include({ ...pair.publicJwk })
    .and.to.have.property('d')

  const privateKeys = [await importPKCS8(pair.privateKeyPem, algorithm), await importJWK(pair.privateJwk, algorithm)]
  const publicKeys = [await importSPKI(pair.publicKeyPem, algorithm), await importJWK(pair.publicJwk, algorithm)]
  for (const privateKey of privateKeys) {
    const jws = await new CompactSign(DATA).setProtectedHeader({ alg: algorithm }).sign(privateKey)
    for (const publicKey of publicKeys) await compactVerify(jws, publicKey)
  }
}

describe('generateRsaKeyPair', () => {
  it('makes a 2048 bit RS256 key in every form', async () => {
    const pair = await generateRsaKeyPair()
    await expectWholeKeyPair(pair, 'RS256')
    expect(createPublicKey(pair.publicKeyPem).asymmetricKeyDetails).to.deep.include({
      modulusLength: 2048,
      publicExponent: 65_537n,
    })
  })

  it('makes keys of another length, for another algorithm', async () => {
    const pair = await generateRsaKeyPair({ bits: 3072, algorithm: 'PS384' })
    await expectWholeKeyPair(pair, 'PS384')
    expect(createPrivateKey(pair.privateKeyPem).asymmetricKeyDetails?.modulusLength).to.equal(3072)
  })

  it('makes another key every time', async () => {
    const [one, other] = await Promise.all([generateRsaKeyPair(), generateRsaKeyPair()])
    expect(one.kid).to.not.equal(other.kid)
  })

  it('freezes the pair all the way down', async () => {
    const pair = await generateRsaKeyPair({ bits: 1024 })
    for (const value of [pair, pair.publicJwk, pair.privateJwk]) expect(value).to.be.frozen
  })

  for (const bits of [1, 511, 2048.5, Number.NaN]) {
    it(`refuses ${bits} bits`, async () => {
      const error = await generateRsaKeyPair({ bits }).catch((error: unknown) => error)
      expect(error).to.be.instanceOf(RangeError).with.property('message').that.includes('512')
    })
  }
})

describe('generateSigningKeyPair', () => {
  const algorithms: readonly SignatureAlgorithm[] = [
    ...(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] as const),
    ...(['ES256', 'ES384', 'ES512', 'EdDSA'] as const),
  ]
  for (const algorithm of algorithms) {
    it(`makes an ${algorithm} key in every form`, async () => {
      await expectWholeKeyPair(await generateSigningKeyPair(algorithm), algorithm)
    })
  }

  it('makes an RS256 key unless told otherwise', async () => {
    expect((await generateSigningKeyPair()).algorithm).to.equal('RS256')
  })

  for (const algorithm of ['none', 'HS256', 'RS1', 'toString']) {
    it(`refuses ${algorithm}, naming what it can make`, async () => {
      const error = await generateSigningKeyPair(algorithm as SignatureAlgorithm).catch((error: unknown) => error)
      expect(error).to.be.instanceOf(TypeError).with.property('message').that.includes('RS256').and.includes('EdDSA')
    })
  }
})

describe('the test kit where node-forge is not installed', () => {
  let folder: string

  /** A copy of the source beside its other dependencies: the way it is for users who did not install the peer. */
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'inversify-koa-auth-'))
    cpSync('src', join(folder, 'src'), { recursive: true })
    cpSync('tsconfig.json', join(folder, 'tsconfig.json'))
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
    mkdirSync(join(folder, 'node_modules'))
    for (const name of installed()) {
      mkdirSync(join(folder, 'node_modules', name, '..'), { recursive: true })
      symlinkSync(resolve('node_modules', name), join(folder, 'node_modules', name), 'junction')
    }
  })
  after(() => rmSync(folder, { recursive: true }))

  async function run(program: string): Promise<string> {
    writeFileSync(join(folder, 'program.ts'), program)
    const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', tsx, 'program.ts'], { cwd: folder })
    return stdout.trim()
  }

  it('says what to install when an RSA key pair is asked of it', async () => {
    const output = await run(`
      import { generateRsaKeyPair } from './src/testing/index.js'
      const error = await generateRsaKeyPair().catch((error) => error)
      console.log(error.message, '|', error.cause.code)
    `)
    expect(output).to.equal(
      'generateRsaKeyPair needs node-forge: npm install --save-dev node-forge | ERR_MODULE_NOT_FOUND',
    )
  })

  it('does everything else', async () => {
    const output = await run(`
      import { AuthTestKit, TestIssuer, runAs } from './src/testing/index.js'
      const kit = await AuthTestKit.create()
      const issuer = await TestIssuer.start()
      const parts = [await kit.makeToken(), await issuer.makeToken()].map((token) => token.split('.').length)
      await issuer.stop()
      console.log(...parts, runAs({ sub: 'ann' }, () => 'ran'))
    `)
    expect(output).to.equal('3 3 ran')
  })
})

/** What every user of this package has: everything but the optional peer. */
function installed(): readonly string[] {
  const { dependencies, peerDependencies } = JSON.parse(readFileSync('package.json', 'utf8'))
  return Object.keys({ ...dependencies, ...peerDependencies }).filter((name) => name !== 'node-forge')
}
