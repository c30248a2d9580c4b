import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { describe, it } from 'mocha'
import { checkHeader } from '../../src/authentication/check-header.js'
import { verifySignature } from '../../src/authentication/verify-signature.js'
import type { SignatureAlgorithm } from '../../src/config/auth-client-settings.js'
import { KeySet } from '../../src/keys/key-set.js'
import { compactJws } from '../../src/tokens/compact-jws.js'
import type { RawToken } from '../../src/tokens/raw-token.js'

interface Vector {
  readonly name: string
  readonly why: string
  readonly jwk: object
  readonly jws: string
  readonly expected: 'valid' | 'invalid' | 'acceptable'
}

const ALGORITHMS: readonly SignatureAlgorithm[] = [
  ...(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] as const),
  ...(['ES256', 'ES384', 'ES512', 'EdDSA'] as const),
]

const path = process.env['JWS_VECTORS']
if (path === undefined) throw new Error('JWS_VECTORS has to name the file with the vectors')
const { vectors } = JSON.parse(readFileSync(path, 'utf8')) as { readonly vectors: readonly Vector[] }

/** The way a token goes through the validator up to its claims. */
async function isAccepted({ jwk, jws: token }: Vector): Promise<boolean> {
  try {
    const jws = compactJws(token as RawToken)
    checkHeader(jws.header, { acceptedAlgorithms: ALGORITHMS, tokenTypes: ['JWT'], profile: '' })
    const key = await KeySet.parse({ keys: [jwk] })?.find(jws.header)
    if (key === undefined) return false
    await verifySignature(jws, key)
    return true
  } catch (error) {
    expect(error).to.have.property('name', 'TokenInvalidError')
    return false
  }
}

describe('the signature path, driven by the JWS vectors', () => {
  for (const vector of vectors) {
    const { name, why, expected } = vector
    it(`${name}: ${expected} (${why})`, async () => {
      const accepted = await isAccepted(vector)
      if (expected !== 'acceptable') expect(accepted).to.equal(expected === 'valid')
    })
  }

  it('has seen every accepted algorithm in a valid vector', () => {
    const seen = new Set(vectors.filter(({ expected }) => expected === 'valid').map(({ jws }) => algorithmOf(jws)))
    expect([...seen]).to.include.members([...ALGORITHMS])
  })
})

function algorithmOf(jws: string): string {
  return JSON.parse(Buffer.from(jws.split('.')[0] as string, 'base64url').toString('utf8')).alg
}
