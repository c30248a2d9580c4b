import { expect } from 'chai'
import { describe, it } from 'mocha'
import { acceptedIssuers, issuerSelection } from '../../src/authentication/issuer-selection.js'
import type { AuthClientSettings } from '../../src/config/auth-client-settings.js'
import { TokenInvalidError } from '../../src/errors/token-invalid-error.js'
import type { KeySource } from '../../src/keys/key-source.js'
import type { CompactJws } from '../../src/tokens/compact-jws.js'
import type { VerifiedToken } from '../../src/tokens/verified-token.js'

const keysOf = (issuer: string): KeySource => ({ keyFor: () => Promise.reject(new Error(issuer)) })
const ACME = keysOf('acme')
const BETA = keysOf('beta')
const source: KeySource = {
  ...keysOf('all'),
  forIssuer: (issuer) =>
    new Map([
      ['https://acme.example', ACME],
      ['https://beta.example', BETA],
    ]).get(issuer),
}
const one = { issuer: 'https://acme.example', issuers: [] } as unknown as AuthClientSettings
const [acme, beta] = [{ issuer: 'https://acme.example' }, { issuer: 'https://beta.example' }]
const several = { issuer: '', issuers: [acme, beta] } as unknown as AuthClientSettings

const saying = (payload: string) => ({ payload: Buffer.from(payload) }) as unknown as CompactJws
const naming = (iss: unknown) => saying(JSON.stringify({ iss }))
const of = (issuer: string) => ({ claims: { issuer } }) as unknown as VerifiedToken

describe('the issuer by whose rules a token is judged', () => {
  it('is the only one, whatever the token says', () => {
    const selection = issuerSelection(one, source)
    for (const token of [naming('https://beta.example'), naming(undefined), saying('no JSON')]) {
      expect(selection.select(token)).to.deep.equal({ settings: one, keys: source })
    }
    expect(selection.of(of('https://beta.example'))).to.deep.equal({ settings: one, keys: source })
    expect(acceptedIssuers(one)).to.deep.equal([one])
  })

  it('is the one that the token names, with its own keys', () => {
    const selection = issuerSelection(several, source)
    expect(selection.select(naming('https://acme.example'))).to.deep.equal({ settings: acme, keys: ACME })
    expect(selection.select(naming('https://beta.example'))).to.deep.equal({ settings: beta, keys: BETA })
    expect(selection.of(of('https://beta.example'))).to.deep.equal({ settings: beta, keys: BETA })
    expect(acceptedIssuers(several)).to.deep.equal([acme, beta])
  })

  for (const { what, token, code } of [
    { what: 'an issuer of nobody here', token: naming('https://gamma.example'), code: 'issuer_mismatch' },
    {
      what: 'an issuer that differs in its last slash',
      token: naming('https://acme.example/'),
      code: 'issuer_mismatch',
    },
    { what: 'no issuer', token: naming(undefined), code: 'issuer_mismatch' },
    { what: 'a list of issuers', token: naming(['https://acme.example']), code: 'claim_malformed' },
    { what: 'a number for an issuer', token: naming(5), code: 'claim_malformed' },
    { what: 'no claims at all', token: saying('[]'), code: 'token_malformed' },
  ]) {
    it(`is nobody for ${what}`, () => {
      expect(() => issuerSelection(several, source).select(token))
        .to.throw(TokenInvalidError)
        .with.property('code', code)
    })
  }

  it('can be told only by a key source that tells issuers apart', () => {
    expect(() => issuerSelection(several, keysOf('all'))).to.throw(TypeError, 'has to know each')
    expect(() => issuerSelection(several, { ...source, forIssuer: () => undefined })).to.throw(TypeError)
  })
})
