import { expect } from 'chai'
import type { JWTPayload } from 'jose'
import { describe, it } from 'mocha'
import { type ClaimExpectations, checkClaims, validUntil } from '../../src/authentication/check-claims.js'
import { TokenExpiredError } from '../../src/errors/token-expired-error.js'
import { TokenInvalidError } from '../../src/errors/token-invalid-error.js'

const NOW = 1000
const EXPECTED: ClaimExpectations = {
  issuer: 'https://idp.example.com',
  audience: ['api', 'other-api'],
  audienceClaims: ['aud'],
  requiredClaims: {},
  refusedClaims: {},
  clockToleranceSeconds: 5,
  maxTokenAgeSeconds: 0,
  profile: '',
}
const CLAIMS = { iss: 'https://idp.example.com', aud: 'api', sub: 'ann', exp: NOW + 100 }

describe('the claims of a token', () => {
  const outcome = (claims: object, expected: Partial<ClaimExpectations> = {}, now = NOW): string => {
    try {
      checkClaims({ ...CLAIMS, ...claims } as JWTPayload, { ...EXPECTED, ...expected }, now)
      return 'good'
    } catch (error) {
      if (error instanceof TokenInvalidError || error instanceof TokenExpiredError) return error.code
      throw error
    }
  }

  describe('name the issuer and the audience', () => {
    for (const { claims, is } of [
      { claims: {}, is: 'good' },
      { claims: { aud: 'other-api' }, is: 'good' },
      { claims: { aud: ['api'] }, is: 'good' },
      { claims: { aud: ['somebody', 'api'] }, is: 'good' },
      { claims: { sub: undefined }, is: 'good' },
      { claims: { iss: undefined }, is: 'issuer_mismatch' },
      { claims: { iss: '' }, is: 'issuer_mismatch' },
      { claims: { iss: 'https://idp.example.com/' }, is: 'issuer_mismatch' },
      { claims: { iss: 'HTTPS://idp.example.com' }, is: 'issuer_mismatch' },
      { claims: { iss: 'https://evil.test' }, is: 'issuer_mismatch' },
      { claims: { aud: undefined }, is: 'audience_mismatch' },
      { claims: { aud: '' }, is: 'audience_mismatch' },
      { claims: { aud: 'API' }, is: 'audience_mismatch' },
      { claims: { aud: 'api other-api' }, is: 'audience_mismatch' },
      { claims: { aud: [] }, is: 'audience_mismatch' },
      { claims: { aud: ['somebody'] }, is: 'audience_mismatch' },
      { claims: { iss: 'https://evil.test', aud: 'somebody', exp: 0 }, is: 'issuer_mismatch' },
      { claims: { aud: 'somebody', exp: 0 }, is: 'audience_mismatch' },
    ]) {
      it(`${is}: ${shown(claims)}`, () => {
        expect(outcome(claims)).to.equal(is)
      })
    }
  })

  describe('have the types they should', () => {
    for (const claims of [
      ...[5, null, true, {}, ['a']].flatMap((value) => [{ iss: value }, { sub: value }, { jti: value }]),
      ...[5, null, true, {}, ['api', 5], [['api']], [null]].map((aud) => ({ aud })),
      ...['1100', null, true, {}, [1100], Number.POSITIVE_INFINITY].flatMap((value) => [
        { exp: value },
        { nbf: value },
        { iat: value },
      ]),
    ]) {
      it(`claim_malformed: ${shown(claims)}`, () => {
        expect(outcome(claims)).to.equal('claim_malformed')
      })
    }

    it('before anything they say is believed', () => {
      expect(outcome({ iss: 'https://evil.test', jti: 5 })).to.equal('claim_malformed')
    })
  })

  describe('hold at this time, with the tolerance for clocks that differ', () => {
    for (const { claims, is, expected = {}, now = NOW } of [
      { claims: { exp: undefined }, is: 'expiry_missing' },
      { claims: { exp: NOW + 1 }, is: 'good' },
      { claims: { exp: NOW - 4 }, is: 'good' },
      { claims: { exp: NOW - 4.5 }, is: 'good' },
      { claims: { exp: NOW - 5 }, is: 'token_expired' },
      { claims: { exp: NOW - 6 }, is: 'token_expired' },
      { claims: { exp: 0 }, is: 'token_expired' },
      { claims: { exp: -1 }, is: 'token_expired' },
      { claims: { exp: NOW }, is: 'token_expired', expected: { clockToleranceSeconds: 0 } },
      { claims: { exp: NOW + 1 }, is: 'good', expected: { clockToleranceSeconds: 0 }, now: NOW + 0.999 },
      { claims: { exp: NOW + 1 }, is: 'token_expired', expected: { clockToleranceSeconds: 0 }, now: NOW + 1 },
      { claims: { nbf: NOW }, is: 'good' },
      { claims: { nbf: NOW + 5 }, is: 'good' },
      { claims: { nbf: NOW + 6 }, is: 'not_yet_valid' },
      { claims: { nbf: NOW + 1 }, is: 'not_yet_valid', expected: { clockToleranceSeconds: 0 } },
      { claims: { nbf: 0 }, is: 'good' },
      { claims: { iat: NOW + 5 }, is: 'good' },
      { claims: { iat: NOW + 6 }, is: 'issued_in_future' },
      { claims: { iat: 0 }, is: 'good' },
      { claims: { nbf: NOW + 6, iat: NOW + 6, exp: 0 }, is: 'not_yet_valid' },
      { claims: { iat: NOW + 6, exp: 0 }, is: 'issued_in_future' },
    ] as readonly { claims: object; is: string; expected?: Partial<ClaimExpectations>; now?: number }[]) {
      it(`${is}: ${shown(claims)} at ${now}${shown(expected) === '{}' ? '' : ` with ${shown(expected)}`}`, () => {
        expect(outcome(claims, expected, now)).to.equal(is)
      })
    }
  })

  describe('are no older than they may be', () => {
    for (const { iat, maxTokenAgeSeconds, is } of [
      { iat: NOW - 60, maxTokenAgeSeconds: 60, is: 'good' },
      { iat: NOW - 65, maxTokenAgeSeconds: 60, is: 'good' },
      { iat: NOW - 66, maxTokenAgeSeconds: 60, is: 'token_too_old' },
      { iat: undefined, maxTokenAgeSeconds: 60, is: 'issue_time_missing' },
      { iat: undefined, maxTokenAgeSeconds: 0, is: 'good' },
      { iat: 1, maxTokenAgeSeconds: 0, is: 'good' },
    ]) {
      it(`${is}: issued at ${iat}, at most ${maxTokenAgeSeconds} s old`, () => {
        expect(outcome({ iat }, { maxTokenAgeSeconds })).to.equal(is)
      })
    }

    it('and an expired token has expired, however old it is', () => {
      expect(outcome({ iat: 1, exp: 2 }, { maxTokenAgeSeconds: 60 })).to.equal('token_expired')
    })
  })

  describe('under the profile rfc9068', () => {
    const profiled: ClaimExpectations = { ...EXPECTED, profile: 'rfc9068' }
    const complete = { ...CLAIMS, iat: NOW, jti: 'a-1', client_id: 'web' }

    it('are good when the token is complete', () => {
      expect(() => checkClaims(complete, profiled, NOW)).not.to.throw()
    })

    for (const claim of ['sub', 'iat', 'jti', 'client_id']) {
      for (const value of claim === 'iat' ? [undefined] : [undefined, '']) {
        it(`lack something with ${claim} ${JSON.stringify(value)}`, () => {
          expect(() => checkClaims({ ...complete, [claim]: value }, profiled, NOW))
            .to.throw(TokenInvalidError)
            .with.property('code', 'profile_mismatch')
        })
      }
    }
  })

  describe('name the audience where the settings say', () => {
    for (const { audienceClaims, claims, is } of [
      { audienceClaims: ['client_id'], claims: { aud: undefined, client_id: 'api' }, is: 'good' },
      { audienceClaims: ['client_id'], claims: { aud: undefined, client_id: ['x', 'other-api'] }, is: 'good' },
      { audienceClaims: ['client_id'], claims: { aud: 'api' }, is: 'audience_mismatch' },
      { audienceClaims: ['client_id'], claims: { aud: 'api', client_id: 'other' }, is: 'audience_mismatch' },
      { audienceClaims: ['client_id'], claims: { client_id: 5 }, is: 'audience_mismatch' },
      { audienceClaims: ['client_id'], claims: { client_id: [['api']] }, is: 'audience_mismatch' },
      { audienceClaims: ['client_id'], claims: { client_id: { api: true } }, is: 'audience_mismatch' },
      { audienceClaims: ['aud', 'client_id'], claims: { aud: 'x', client_id: 'api' }, is: 'good' },
      { audienceClaims: ['aud', 'client_id'], claims: { aud: 'api', client_id: 'x' }, is: 'good' },
      { audienceClaims: ['/a.b/c'], claims: { 'a.b': { c: 'api' } }, is: 'good' },
      { audienceClaims: ['client_id'], claims: { aud: 5, client_id: 'api' }, is: 'claim_malformed' },
    ]) {
      it(`${is}: ${shown(claims)} at ${audienceClaims}`, () => {
        expect(outcome(claims, { audienceClaims })).to.equal(is)
      })
    }
  })

  describe('have the values the settings require', () => {
    const ANY = { azp: true } as const
    for (const { requiredClaims, claims, is } of [
      { requiredClaims: { use: ['access'] }, claims: { use: 'access' }, is: 'good' },
      { requiredClaims: { use: ['access', 'api'] }, claims: { use: 'api' }, is: 'good' },
      { requiredClaims: { use: ['access'] }, claims: { use: ['x', 'access'] }, is: 'good' },
      { requiredClaims: { 'a.b': ['c'] }, claims: { a: { b: 'c' } }, is: 'good' },
      { requiredClaims: { use: ['access'] }, claims: {}, is: 'claim_missing' },
      { requiredClaims: { use: ['access'] }, claims: { use: 'id' }, is: 'claim_missing' },
      { requiredClaims: { use: ['access'] }, claims: { use: 'Access' }, is: 'claim_missing' },
      { requiredClaims: { use: ['access'] }, claims: { use: 'access id' }, is: 'claim_missing' },
      { requiredClaims: { use: ['true'] }, claims: { use: true }, is: 'claim_missing' },
      { requiredClaims: { use: ['access'] }, claims: { use: [] }, is: 'claim_missing' },
      { requiredClaims: { use: ['access'] }, claims: { use: { access: 1 } }, is: 'claim_missing' },
      { requiredClaims: { use: ['access'], azp: ['web'] }, claims: { use: 'access' }, is: 'claim_missing' },
      { requiredClaims: { use: ['access'], azp: ['web'] }, claims: { use: 'access', azp: 'web' }, is: 'good' },
      { requiredClaims: JSON.parse('{"__proto__":["x"]}'), claims: {}, is: 'claim_missing' },
      { requiredClaims: JSON.parse('{"__proto__":true}'), claims: {}, is: 'claim_missing' },
      { requiredClaims: ANY, claims: {}, is: 'claim_missing' },
      { requiredClaims: ANY, claims: { azp: null }, is: 'claim_missing' },
      { requiredClaims: ANY, claims: { azp: '' }, is: 'claim_missing' },
      { requiredClaims: ANY, claims: { azp: [] }, is: 'claim_missing' },
      { requiredClaims: ANY, claims: { azp: {} }, is: 'claim_missing' },
      { requiredClaims: ANY, claims: { azp: 'web' }, is: 'good' },
      { requiredClaims: ANY, claims: { azp: ['web'] }, is: 'good' },
      { requiredClaims: ANY, claims: { azp: { id: 'web' } }, is: 'good' },
      { requiredClaims: ANY, claims: { azp: false }, is: 'good' },
      { requiredClaims: ANY, claims: { azp: 0 }, is: 'good' },
      { requiredClaims: { 'a.b': ANY.azp }, claims: { a: { b: 'c' } }, is: 'good' },
      { requiredClaims: { 'a.b': ANY.azp }, claims: { a: { c: 'b' } }, is: 'claim_missing' },
      { requiredClaims: { ...ANY, use: ['access'] }, claims: { azp: 'web', use: 'id' }, is: 'claim_missing' },
      { requiredClaims: { constructor: ['Object'] }, claims: {}, is: 'claim_missing' },
    ]) {
      it(`${is}: ${shown(claims)} where ${shown(requiredClaims)} is required`, () => {
        expect(outcome(claims, { requiredClaims })).to.equal(is)
      })
    }
  })

  describe('have none of the values the settings refuse', () => {
    const refusedClaims = { typ: ['ID', 'Refresh'], 'a.b': ['c'], suspended: ['true'], level: ['0'] }
    for (const { claims, is } of [
      { claims: {}, is: 'good' },
      { claims: { typ: 'Bearer', a: { b: 'd' } }, is: 'good' },
      { claims: { typ: 'ID' }, is: 'claim_refused' },
      { claims: { typ: 'Refresh' }, is: 'claim_refused' },
      { claims: { typ: ['Bearer', 'ID'] }, is: 'claim_refused' },
      { claims: { a: { b: 'c' } }, is: 'claim_refused' },
      { claims: { suspended: true }, is: 'claim_refused' },
      { claims: { suspended: ['no', true] }, is: 'claim_refused' },
      { claims: { suspended: 'true' }, is: 'claim_refused' },
      { claims: { suspended: false }, is: 'good' },
      { claims: { level: 0 }, is: 'claim_refused' },
      { claims: { level: 1 }, is: 'good' },
      { claims: { typ: 'id' }, is: 'good' },
      { claims: { typ: 5 }, is: 'good' },
      { claims: { typ: 'ID', exp: 0 }, is: 'claim_refused' },
    ]) {
      it(`${is}: ${shown(claims)}`, () => {
        expect(outcome(claims, { refusedClaims })).to.equal(is)
      })
    }
  })

  describe('are good until', () => {
    for (const { name, claims, expected, until } of [
      { name: 'exp and the tolerance', claims: { exp: 50 }, expected: EXPECTED, until: 55 },
      {
        name: 'the largest age',
        claims: { exp: 50, iat: 10 },
        expected: { ...EXPECTED, maxTokenAgeSeconds: 20 },
        until: 35,
      },
      {
        name: 'exp, where that is sooner',
        claims: { exp: 20, iat: 10 },
        expected: { ...EXPECTED, maxTokenAgeSeconds: 20 },
        until: 25,
      },
    ]) {
      it(name, () => expect(validUntil(claims, expected)).to.equal(until))
    }
  })
})

/** JSON that shows what JSON leaves out. */
function shown(value: object): string {
  return JSON.stringify(value, (_name, member) =>
    member === undefined || member === Number.POSITIVE_INFINITY ? String(member) : member,
  )
}
