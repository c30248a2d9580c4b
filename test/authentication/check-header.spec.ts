import { expect } from 'chai'
import type { JWTHeaderParameters } from 'jose'
import { describe, it } from 'mocha'
import { checkHeader } from '../../src/authentication/check-header.js'
import { type TokenInvalidCode, TokenInvalidError } from '../../src/errors/token-invalid-error.js'

const settings = { acceptedAlgorithms: ['RS256', 'ES256'], tokenTypes: ['JWT', 'at+jwt'], profile: '' } as const

describe('the header of a token', () => {
  for (const header of [
    { alg: 'RS256' },
    { alg: 'ES256', kid: 'a' },
    { alg: 'RS256', kid: '' },
    { alg: 'RS256', typ: 'JWT' },
    { alg: 'RS256', typ: 'jwt' },
    { alg: 'RS256', typ: 'at+jwt' },
    { alg: 'RS256', typ: 'AT+JWT' },
    { alg: 'RS256', typ: 'application/at+jwt' },
    { alg: 'RS256', typ: 'Application/AT+JWT' },
    { alg: 'RS256', cty: 'json' },
    { alg: 'RS256', cty: 5 },
    { alg: 'RS256', jku: 'https://evil.test', x5u: 'https://evil.test', jwk: { kty: 'RSA' }, x5c: ['a'] },
    { alg: 'RS256', custom: true },
  ]) {
    it(`may be ${JSON.stringify(header)}`, () => {
      expect(() => checkHeader(header as JWTHeaderParameters, settings)).not.to.throw()
    })
  }

  const refused: readonly { code: TokenInvalidCode; headers: readonly Record<string, unknown>[] }[] = [
    {
      code: 'header_unsupported',
      headers: [
        { alg: 'RS256', crit: ['exp'] },
        { alg: 'RS256', crit: [] },
        { alg: 'RS256', crit: null },
        { alg: 'RS256', b64: false },
        { alg: 'RS256', b64: true },
        { alg: 'RS256', zip: 'DEF' },
        { alg: 'RS256', enc: 'A256GCM' },
        { alg: 'RS256', cty: 'JWT' },
        { alg: 'RS256', cty: 'application/jwt' },
        { alg: 'none', crit: ['exp'] },
      ],
    },
    {
      code: 'token_malformed',
      headers: [
        { alg: 'RS256', kid: 5 },
        { alg: 'RS256', kid: null },
        { alg: 'RS256', kid: ['a'] },
      ],
    },
    {
      code: 'algorithm_refused',
      headers: [
        { alg: 'none' },
        { alg: 'None' },
        { alg: 'HS256' },
        { alg: 'rs256' },
        { alg: 'RS384' },
        { alg: 'RS256 ' },
        { alg: '' },
        { alg: 'constructor' },
      ],
    },
    {
      code: 'type_refused',
      headers: [
        { alg: 'RS256', typ: 'dpop+jwt' },
        { alg: 'RS256', typ: 'logout+jwt' },
        { alg: 'RS256', typ: 'id+jwt' },
        { alg: 'RS256', typ: '' },
        { alg: 'RS256', typ: ' JWT' },
        { alg: 'RS256', typ: 'text/jwt' },
        { alg: 'RS256', typ: null },
        { alg: 'RS256', typ: 5 },
        { alg: 'RS256', typ: ['JWT'] },
      ],
    },
  ]
  for (const { code, headers } of refused) {
    for (const header of headers) {
      it(`must not be ${JSON.stringify(header)}: ${code}`, () => {
        expect(() => checkHeader(header as unknown as JWTHeaderParameters, settings))
          .to.throw(TokenInvalidError)
          .with.property('code', code)
      })
    }
  }

  it('is compared with the accepted types in any spelling', () => {
    const tokenTypes = ['application/AT+JWT']
    expect(() => checkHeader({ alg: 'RS256', typ: 'at+jwt' }, { ...settings, tokenTypes })).not.to.throw()
    expect(() => checkHeader({ alg: 'RS256', typ: 'JWT' }, { ...settings, tokenTypes })).to.throw(TokenInvalidError)
  })

  describe('under the profile rfc9068', () => {
    const profiled = { ...settings, profile: 'rfc9068' } as const

    for (const typ of ['at+jwt', 'AT+JWT', 'application/at+jwt']) {
      it(`may say ${typ}`, () => {
        expect(() => checkHeader({ alg: 'RS256', typ }, profiled)).not.to.throw()
      })
    }

    for (const typ of ['JWT', 'id+jwt', '', undefined]) {
      it(`must not say ${typ}`, () => {
        const header = { alg: 'RS256', typ } as JWTHeaderParameters
        expect(() => checkHeader(header, profiled))
          .to.throw(TokenInvalidError)
          .with.property('code', 'type_refused')
      })
    }
  })
})
