import { createHmac, createVerify } from 'node:crypto'
import { expect } from 'chai'
import { compactVerify, decodeJwt, decodeProtectedHeader, importJWK, importSPKI, jwtVerify } from 'jose'
import { before, describe, it } from 'mocha'
import {
  AuthTestKit,
  type Duration,
  generateSigningKeyPair,
  makeToken,
  type SigningKeyPair,
  type TestClaims,
  type TokenOptions,
} from '../../src/testing/index.js'
import { codeOf, validatorFor } from './validator-for.js'

describe('makeToken', () => {
  let keyPair: SigningKeyPair
  let otherPair: SigningKeyPair
  let ecPair: SigningKeyPair
  let kit: AuthTestKit

  before(async () => {
    ;[keyPair, otherPair, ecPair] = await Promise.all([
      generateSigningKeyPair(),
      generateSigningKeyPair(),
      generateSigningKeyPair('ES256'),
    ])
    kit = await AuthTestKit.create({ keyPair })
  })

  it('makes a token that jose verifies', async () => {
    const token = await makeToken(keyPair)
    const { payload, protectedHeader } = await jwtVerify(token, await importSPKI(keyPair.publicKeyPem, 'RS256'), {
      issuer: kit.issuer,
      audience: kit.audience,
      typ: 'at+jwt',
      requiredClaims: ['exp', 'iat', 'jti'],
    })
    expect(protectedHeader).to.deep.equal({ alg: 'RS256', typ: 'at+jwt', kid: keyPair.kid })
    expect(payload.sub).to.equal('user')
    expect(Number(payload.exp) - Number(payload.iat)).to.equal(300)
    expect(payload.iat).to.be.closeTo(Date.now() / 1000, 5)
    expect(payload).to.have.all.keys('iss', 'aud', 'sub', 'exp', 'iat', 'jti')
  })

  it('gives every token its own jti', async () => {
    const [one, other] = await Promise.all([makeToken(keyPair), makeToken(keyPair)])
    expect(decodeJwt(one).jti).to.not.equal(decodeJwt(other).jti)
  })

  it('writes claims as they are, over its own', async () => {
    const claims = {
      sub: 42,
      aud: ['a', null],
      iss: { not: ['text'] },
      exp: 'soon',
      email: 'ann@example.com',
      nbf: null,
    }
    expect(decodeJwt(await makeToken(keyPair, claims))).to.deep.include(claims)
  })

  for (const name of ['iss', 'sub', 'aud', 'exp', 'iat', 'jti']) {
    it(`leaves out ${name} when it is undefined`, async () => {
      const whole = decodeJwt(await makeToken(keyPair))
      const payload = decodeJwt(await makeToken(keyPair, { [name]: undefined }))
      expect(Object.keys(payload)).to.have.members(Object.keys(whole).filter((key) => key !== name))
    })
  }

  const roles: readonly { readonly roleClaim?: string; readonly claims: TestClaims; readonly expected: object }[] = [
    { claims: { roles: ['admin', 'user'] }, expected: { role: ['admin', 'user'] } },
    { claims: { roles: 'admin' }, expected: { role: 'admin' } },
    { claims: { role: 'admin' }, expected: { role: 'admin' } },
    { claims: { roles: ['user'], role: 'admin' }, expected: { role: 'admin' } },
    { roleClaim: 'roles', claims: { roles: ['admin'] }, expected: { roles: ['admin'] } },
    { roleClaim: 'realm.roles', claims: { roles: ['admin'] }, expected: { realm: { roles: ['admin'] } } },
    { roleClaim: '/a.b/roles', claims: { roles: ['admin'] }, expected: { 'a.b': { roles: ['admin'] } } },
    {
      roleClaim: 'https://example.com/roles',
      claims: { roles: ['admin'] },
      expected: { 'https://example.com/roles': ['admin'] },
    },
  ]
  for (const { roleClaim, claims, expected } of roles) {
    it(`writes ${JSON.stringify(claims)} to ${roleClaim ?? 'role'} as ${JSON.stringify(expected)}`, async () => {
      const payload = decodeJwt(await makeToken(keyPair, claims, { roleClaim }))
      const { iss, sub, aud, iat, exp, jti, ...others } = payload
      expect(others).to.deep.equal(expected)
    })
  }

  const durations: readonly [Duration, number][] = [
    [60, 60],
    [-60, -60],
    [0, 0],
    ['90s', 90],
    ['5m', 300],
    ['2h', 7200],
    ['1d', 86_400],
    ['-1.5m', -90],
  ]
  for (const [duration, expected] of durations) {
    it(`takes ${duration} for ${expected} seconds`, async () => {
      const payload = decodeJwt(await makeToken(keyPair, {}, { expiresIn: duration, notBefore: duration }))
      expect(Number(payload.exp) - Number(payload.iat)).to.equal(expected)
      expect(Number(payload.nbf) - Number(payload.iat)).to.equal(expected)
    })
  }

  for (const duration of ['soon', '5 m', '5', '', 'm', '5w', Number.NaN, Number.POSITIVE_INFINITY, null]) {
    it(`refuses ${typeof duration} '${duration}' as a duration`, async () => {
      const error = await makeToken(keyPair, {}, { expiresIn: duration as Duration }).catch((error: unknown) => error)
      expect(error).to.be.instanceOf(TypeError).with.property('message').that.includes("'5m'")
    })
  }

  it('overrides and removes header members', async () => {
    const header = { typ: undefined, crit: ['x'], jku: 'https://attacker.example/jwks', kid: 7 }
    expect(decodeProtectedHeader(await makeToken(keyPair, {}, { header }))).to.deep.equal({
      alg: 'RS256',
      crit: ['x'],
      jku: 'https://attacker.example/jwks',
      kid: 7,
    })
  })

  it('names another kid, or none', async () => {
    expect(decodeProtectedHeader(await makeToken(keyPair, {}, { kid: 'other' })).kid).to.equal('other')
    expect(decodeProtectedHeader(await makeToken(keyPair, {}, { kid: undefined }))).to.not.have.property('kid')
  })

  it('signs with another key that claims to be this one', async () => {
    const token = await makeToken(keyPair, {}, { key: otherPair })
    expect(decodeProtectedHeader(token).kid).to.equal(keyPair.kid)
    await compactVerify(token, await importJWK(otherPair.publicJwk))
    expect(await codeOf(compactVerify(token, await importJWK(keyPair.publicJwk)))).to.equal(
      'ERR_JWS_SIGNATURE_VERIFICATION_FAILED',
    )
  })

  it('leaves alg none without a signature', async () => {
    const token = await makeToken(keyPair, {}, { header: { alg: 'none' } })
    expect(token.split('.')).to.have.length(3)
    expect(token).to.match(/\.$/)
    expect(decodeProtectedHeader(token).alg).to.equal('none')
  })

  for (const bits of ['256', '384', '512']) {
    it(`takes the public key for the secret of HS${bits}`, async () => {
      const token = await makeToken(keyPair, {}, { header: { alg: `HS${bits}` } })
      const [header, payload, mac] = token.split('.')
      const expected = createHmac(`sha${bits}`, keyPair.publicKeyPem).update(`${header}.${payload}`).digest('base64url')
      expect(mac).to.equal(expected)
    })
  }

  it('signs with another algorithm that suits the key', async () => {
    const token = await makeToken(keyPair, {}, { header: { alg: 'PS512' } })
    await compactVerify(token, await importSPKI(keyPair.publicKeyPem, 'PS512'))
  })

  for (const alg of ['ES256', 'EdDSA', 'RS1', 'toString', undefined, 5]) {
    it(`signs with the key's own algorithm where the header claims ${alg}`, async () => {
      const [claimed, payload, signature] = (await makeToken(keyPair, {}, { header: { alg } })).split('.')
      const header = JSON.parse(Buffer.from(claimed ?? '', 'base64url').toString())
      expect(header.alg).to.equal(alg)
      const verify = createVerify('sha256').update(`${claimed}.${payload}`)
      expect(verify.verify(keyPair.publicKeyPem, signature ?? '', 'base64url')).to.equal(true)
    })
  }

  const refusals: readonly {
    readonly wrong: string
    readonly claims?: TestClaims
    readonly options?: () => TokenOptions
    readonly code: string
  }[] = [
    { wrong: 'nothing', code: 'resolved' },
    { wrong: 'a missing kid', options: () => ({ kid: undefined }), code: 'resolved' },
    { wrong: 'a lasting nbf', options: () => ({ notBefore: '-1h' }), code: 'resolved' },
    { wrong: 'an expired token', options: () => ({ expiresIn: '-1h' }), code: 'token_expired' },
    { wrong: 'a token for later', options: () => ({ notBefore: 60 }), code: 'not_yet_valid' },
    { wrong: 'no expiry', claims: { exp: undefined }, code: 'expiry_missing' },
    { wrong: 'another issuer', claims: { iss: 'https://issuer.test/' }, code: 'issuer_mismatch' },
    { wrong: 'another audience', claims: { aud: 'other' }, code: 'audience_mismatch' },
    { wrong: 'no audience', claims: { aud: undefined }, code: 'audience_mismatch' },
    { wrong: 'a malformed claim', claims: { sub: 42 }, code: 'claim_malformed' },
    { wrong: 'another type', options: () => ({ header: { typ: 'logout+jwt' } }), code: 'type_refused' },
    { wrong: 'an unknown kid', options: () => ({ kid: 'other' }), code: 'key_unknown' },
    { wrong: 'another key', options: () => ({ key: otherPair }), code: 'signature_mismatch' },
    { wrong: 'a key of another kind', options: () => ({ key: ecPair }), code: 'signature_mismatch' },
    { wrong: 'alg none', options: () => ({ header: { alg: 'none' } }), code: 'algorithm_refused' },
    { wrong: 'alg HS256', options: () => ({ header: { alg: 'HS256' } }), code: 'algorithm_refused' },
    { wrong: 'no alg', options: () => ({ header: { alg: undefined } }), code: 'token_malformed' },
    { wrong: 'a critical extension', options: () => ({ header: { crit: ['x'] } }), code: 'header_unsupported' },
  ]
  for (const { wrong, claims, options, code } of refusals) {
    it(`lets the validator find ${wrong}: ${code}`, async () => {
      const token = await makeToken(keyPair, claims, options?.())
      expect(await codeOf(validatorFor(kit).validate(token))).to.equal(code)
    })
  }
})
