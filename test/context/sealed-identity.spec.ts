import { randomBytes } from 'node:crypto'
import { expect } from 'chai'
import fc from 'fast-check'
import { IdentityEnvelopeError, openIdentity, sealIdentity } from 'inversify-koa-auth'
import { CompactEncrypt, type CompactJWEHeaderParameters, decodeProtectedHeader } from 'jose'
import { describe, it } from 'mocha'
import { rejection } from '../keys/rejection.js'
import { envelope } from '../support/envelope.js'

const ANN = envelope()

const SECRET = new Uint8Array(randomBytes(32))
const OTHER = new Uint8Array(randomBytes(32))
const asText = (secret: Uint8Array): string => Buffer.from(secret).toString('base64url')

async function refusal(sealed: unknown, secrets: Uint8Array | readonly Uint8Array[] = SECRET): Promise<string> {
  return (await rejection(openIdentity(sealed as string, secrets), IdentityEnvelopeError)).code
}

/** A JWE by the right key, but otherwise of anybody's making. */
function foreign(header: CompactJWEHeaderParameters, payload: string | Buffer = JSON.stringify(ANN)) {
  return new CompactEncrypt(Buffer.from(payload)).setProtectedHeader(header).encrypt(SECRET)
}

const OURS = { alg: 'dir', enc: 'A256GCM', typ: 'identity+jwe' } as const
const OTHER_CHARACTER: Readonly<Record<string, string>> = { '.': 'A', A: 'B' }

describe('a sealed identity', () => {
  it('opens to the same envelope, frozen', async () => {
    const opened = await openIdentity(await sealIdentity(ANN, SECRET), SECRET)
    expect(opened).to.deep.equal(ANN)
    expect(opened).to.be.frozen
    expect(opened.roles).to.be.frozen
  })

  it('is a compact JWE that shows nothing of the caller', async () => {
    const sealed = await sealIdentity(ANN, SECRET)
    expect(decodeProtectedHeader(sealed)).to.deep.equal(OURS)
    expect(sealed).to.match(/^[\w-]+\.\.[\w-]{16}\.[\w-]+\.[\w-]{22}$/)
    expect(Buffer.from(sealed, 'base64url').toString('latin1')).not.to.include('manager')
  })

  it('is never the same twice', async () => {
    const sealed = await Promise.all(Array.from({ length: 20 }, () => sealIdentity(ANN, SECRET)))
    expect(new Set(sealed)).to.have.property('size', 20)
  })

  it('opens whatever the caller is called', async () => {
    const name = fc.string({ unit: 'binary' })
    await fc.assert(
      fc.asyncProperty(name, fc.array(name), async (sub, roles) => {
        const written = { ...ANN, sub, roles }
        expect(await openIdentity(await sealIdentity(written, SECRET), SECRET)).to.deep.equal(written)
      }),
    )
  })

  it('takes a secret as bytes, as a Buffer, or as base64url text', async () => {
    const sealed = await sealIdentity(ANN, asText(SECRET))
    for (const secret of [SECRET, Buffer.from(SECRET), asText(SECRET)]) {
      expect(await openIdentity(sealed, secret)).to.deep.equal(ANN)
    }
  })

  it('opens with any of several secrets, for as long as one is replaced', async () => {
    const sealed = await sealIdentity(ANN, SECRET)
    for (const secrets of [[SECRET], [SECRET, OTHER], [OTHER, asText(SECRET)]]) {
      expect(await openIdentity(sealed, secrets)).to.deep.equal(ANN)
    }
    expect(await refusal(sealed, [OTHER, new Uint8Array(32)])).to.equal('identity_unsealed')
  })

  it('seals no other thing than an envelope', async () => {
    const error = await rejection(sealIdentity({ ...ANN, v: 2 as 1 }, SECRET), IdentityEnvelopeError)
    expect(error.code).to.equal('identity_malformed')
  })

  it('is never too large to be opened', async () => {
    const list = (length: number) => ({ ...ANN, groups: Array.from({ length }, () => 'x'.repeat(96)) })
    await rejection(sealIdentity(list(500), SECRET), RangeError)
    expect(await openIdentity(await sealIdentity(list(480), SECRET), SECRET)).to.deep.equal(list(480))
  })

  describe('does not open', () => {
    it('with another secret', async () => {
      expect(await refusal(await sealIdentity(ANN, SECRET), OTHER)).to.equal('identity_unsealed')
    })

    it('with any one character changed', async () => {
      const sealed = await sealIdentity(ANN, SECRET)
      for (const [i, character] of [...sealed].entries()) {
        const changed = sealed.slice(0, i) + (OTHER_CHARACTER[character] ?? 'A') + sealed.slice(i + 1)
        expect(await refusal(changed), `at ${i}`).to.equal('identity_unsealed')
      }
    })

    it('with another spelling of the same bytes', async () => {
      const sealed = await sealIdentity(ANN, SECRET)
      for (const end of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_') {
        if (!sealed.endsWith(end)) expect(await refusal(sealed.slice(0, -1) + end)).to.equal('identity_unsealed')
      }
      for (const text of [`${sealed}=`, `${sealed}\n`, ` ${sealed}`]) {
        expect(await refusal(text)).to.equal('identity_unsealed')
      }
    })

    it('cut anywhere, or with something added', async () => {
      const sealed = await sealIdentity(ANN, SECRET)
      for (let end = 0; end < sealed.length; end += 7) {
        expect(await refusal(sealed.slice(0, end)), `cut at ${end}`).to.equal('identity_unsealed')
      }
      for (const more of ['.', 'A', '.AAAA']) expect(await refusal(sealed + more)).to.equal('identity_unsealed')
    })

    it('with the parts of two put together', async () => {
      const [ann, bob] = await Promise.all([sealIdentity(ANN, SECRET), sealIdentity(ANN, SECRET)])
      for (const i of [2, 3, 4]) {
        const mixed = ann.split('.')
        mixed[i] = bob.split('.')[i] ?? ''
        expect(await refusal(mixed.join('.')), `part ${i}`).to.equal('identity_unsealed')
      }
    })

    for (const { what, header } of [
      { what: 'another algorithm', header: { ...OURS, alg: 'A256KW' } },
      { what: 'another algorithm that has an IV', header: { ...OURS, alg: 'A256GCMKW' } },
      { what: 'no typ', header: { alg: 'dir', enc: 'A256GCM' } },
      { what: 'another typ', header: { ...OURS, typ: 'JWT' } },
      { what: 'a kid', header: { ...OURS, kid: '1' } },
      { what: 'compression', header: { ...OURS, zip: 'DEF' } },
      { what: 'a content type', header: { ...OURS, cty: 'JWT' } },
      { what: 'the header in another order', header: { typ: 'identity+jwe', enc: 'A256GCM', alg: 'dir' } },
    ] satisfies readonly { what: string; header: CompactJWEHeaderParameters }[]) {
      it(`with ${what}, made by the right key`, async () => {
        expect(await refusal(await foreign(header))).to.equal('identity_unsealed')
      })
    }

    it('with critical extensions, made by the right key', async () => {
      const jwe = await new CompactEncrypt(Buffer.from(JSON.stringify(ANN)))
        .setProtectedHeader({ ...OURS, crit: ['x'], x: 1 })
        .encrypt(SECRET, { crit: { x: true } })
      expect(await refusal(jwe)).to.equal('identity_unsealed')
    })

    it('when it is longer than anything that is sealed', async () => {
      expect(await refusal(await foreign(OURS, ' '.repeat(50_000) + JSON.stringify(ANN)))).to.equal('identity_unsealed')
    })

    for (const value of [undefined, null, '', 1, {}, [], ANN, JSON.stringify(ANN), '....', 'a.b.c.d.e']) {
      it(`when it is ${String(JSON.stringify(value)).slice(0, 12)}`, async () => {
        expect(await refusal(value)).to.equal('identity_unsealed')
      })
    }
  })

  for (const { what, payload } of [
    { what: 'another version', payload: JSON.stringify({ ...ANN, v: 2 }) },
    { what: 'no JSON', payload: 'ann' },
    { what: 'a member that stands twice', payload: JSON.stringify(ANN).replace('{', '{"sub":"admin",') },
    { what: 'no UTF-8', payload: Buffer.from([0xff, 0xfe]) },
    { what: 'nothing', payload: '' },
  ]) {
    it(`is malformed with ${what} inside`, async () => {
      expect(await refusal(await foreign(OURS, payload))).to.equal('identity_malformed')
    })
  }
})
