import { randomBytes } from 'node:crypto'
import { expect } from 'chai'
import { AuthConfigurationError, openIdentity, sealIdentity } from 'inversify-koa-auth'
import { describe, it } from 'mocha'
import { rejection } from '../keys/rejection.js'
import { envelope } from '../support/envelope.js'

const ANN = envelope()
const SECRET = new Uint8Array(randomBytes(32))

describe('an identity is sealed with no secret', () => {
  const text = Buffer.from(SECRET).toString('base64url')
  for (const { what, secret } of [
    { what: 'of 31 bytes', secret: SECRET.slice(1) },
    { what: 'of 33 bytes', secret: new Uint8Array(33) },
    { what: 'of no bytes', secret: new Uint8Array(0) },
    { what: 'that is empty', secret: '' },
    { what: 'that is a password', secret: 'correct horse battery staple' },
    { what: 'with padding', secret: `${text}=` },
    { what: 'with a line break', secret: `${text}\n` },
    { what: 'in plain base64', secret: `${'+'.repeat(42)}8` },
    { what: 'in hexadecimal', secret: Buffer.from(SECRET).toString('hex') },
    { what: 'in another spelling', secret: `${'A'.repeat(42)}B` },
    { what: 'that is not there', secret: undefined as unknown as string },
    { what: 'that is an array', secret: [...SECRET] as unknown as string },
    { what: 'of larger numbers', secret: new Uint16Array(32) as unknown as Uint8Array },
  ]) {
    it(what, async () => {
      const attempts = [sealIdentity(ANN, secret), openIdentity('', [secret])]
      for (const attempt of attempts) {
        const { problems, message } = await rejection(attempt, AuthConfigurationError)
        expect(problems.map(({ where }) => where)).to.include('identity secret 1')
        expect(message).to.include('32 random bytes')
        if (secret?.length && typeof secret === 'string') expect(message).not.to.include(secret)
      }
    })
  }

  it('among good ones, and names every one', async () => {
    const { problems } = await rejection(openIdentity('', ['short', SECRET, '']), AuthConfigurationError)
    expect(problems.map(({ where }) => where)).to.deep.equal(['identity secret 1', 'identity secret 3'])
  })

  it('where there is none', async () => {
    const { problems } = await rejection(openIdentity('', []), AuthConfigurationError)
    expect(problems.map(({ where }) => where)).to.deep.equal(['identity secret'])
  })
})
