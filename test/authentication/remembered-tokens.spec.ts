import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect } from 'chai'
import { CompactSign, type CryptoKey, type JWTHeaderParameters } from 'jose'
import { before, describe, it } from 'mocha'
import type { RevocationCheck } from '../../src/authentication/revocation-check.js'
import type { KnownToken, PresentedToken } from '../../src/authentication/token-cache.js'
import { TokenValidator } from '../../src/authentication/token-validator.js'
import type { AuthClientOptions } from '../../src/config/auth-client-settings.js'
import { loadSettings } from '../../src/config/load-settings.js'
import { AuthError } from '../../src/errors/auth-error.js'
import { KeysUnavailableError } from '../../src/errors/keys-unavailable-error.js'
import { TokenExpiredError } from '../../src/errors/token-expired-error.js'
import { TokenInvalidError } from '../../src/errors/token-invalid-error.js'
import { TokenRevokedError } from '../../src/errors/token-revoked-error.js'
import { KeySet } from '../../src/keys/key-set.js'
import type { KeySource } from '../../src/keys/key-source.js'
import { type KeyPair, keyPair } from '../keys/key-pairs.js'
import { rejection } from '../keys/rejection.js'

const NOW = 1_700_000_000
const CLAIMS = { iss: 'https://idp.example.com', aud: 'api', sub: 'ann', iat: NOW, exp: NOW + 60, jti: 'one' }
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

const encode = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))

/** Keys that a test may take away at any time. Counts how often it is asked for one: once per signature check. */
class Keyring implements KeySource {
  asked = 0
  keys: readonly object[]
  failure: Error | undefined
  beforeAnswering: () => void = () => undefined
  keyAtHand?: NonNullable<KeySource['keyAtHand']>
  #set: KeySet | undefined

  constructor(...keys: readonly object[]) {
    this.keys = keys
    this.publish(...keys)
  }

  publish(...keys: readonly object[]): void {
    this.keys = keys
    this.#set = KeySet.parse({ keys }, this.#set)
  }

  async keyFor(header: Readonly<JWTHeaderParameters>): Promise<CryptoKey> {
    this.asked++
    if (this.failure !== undefined) throw this.failure
    const key = await this.#set?.find(header)
    this.beforeAnswering()
    if (key === undefined) throw new TokenInvalidError('key_unknown')
    return key
  }

  /** Tells at once which key it would come to, as the default source does. */
  telling(): this {
    this.keyAtHand = (header) => (this.failure === undefined ? this.#set?.foundBefore(header) : undefined)
    return this
  }
}

describe('a token that has been seen before', () => {
  let rsa: KeyPair
  let other: KeyPair
  before(async () => {
    rsa = await keyPair('RS256')
    other = await keyPair('RS256', 'other')
  })

  let clock: number
  const ours = () => ({ ...rsa.jwk, kid: 'a' })
  const sign = (payload: unknown = CLAIMS, header: object = {}, pair = rsa) =>
    new CompactSign(encode(payload)).setProtectedHeader({ alg: 'RS256', kid: 'a', ...header }).sign(pair.privateKey)
  const validator = (keys: KeySource, options: AuthClientOptions = {}, revocation?: RevocationCheck) => {
    clock = NOW * 1000
    const settings = loadSettings({
      options: { issuer: CLAIMS.iss, audience: 'api', clockToleranceSeconds: 0, ...options },
      env: {},
      configFiles: [],
    })
    return new TokenValidator({ settings, keys, clock: () => clock, ...(revocation && { revocation }) })
  }

  it('is answered at once, without its signature being checked again', async () => {
    const keys = new Keyring(ours()).telling()
    const judge = validator(keys)
    const token = await sign()
    const first = await judge.validate(token)
    const second = judge.check(judge.present(token))
    expect(second).to.equal(first)
    expect(keys.asked).to.equal(1)
  })

  for (const { what, keyAtHand } of [
    { what: 'knows no key at once', keyAtHand: () => undefined },
    { what: 'has another key at hand', keyAtHand: () => other.publicKey },
    { what: 'can tell nothing at once', keyAtHand: undefined },
  ]) {
    it(`has its key asked for again where the key source ${what}`, async () => {
      const keys = new Keyring(ours())
      const judge = validator(keys)
      const token = await sign()
      const first = await judge.validate(token)
      if (keyAtHand !== undefined) keys.keyAtHand = keyAtHand
      expect(await judge.validate(token)).to.equal(first)
      expect(keys.asked).to.equal(2)
    })
  }

  it('is refused when it expires while its key is asked for', async () => {
    const keys = new Keyring(ours())
    const judge = validator(keys)
    const token = await sign()
    await judge.validate(token)
    keys.beforeAnswering = () => {
      clock = (CLAIMS.exp + 1) * 1000
    }
    await rejection(judge.validate(token), TokenExpiredError)
  })

  it('gets its place back when others took it while it was in use', async () => {
    const judge = validator(new Keyring(ours()).telling(), { tokenCacheSize: 1 })
    const [mine, theirs] = await Promise.all([sign(), sign({ ...CLAIMS, sub: 'bob' })])
    const brought = judge.present(mine)
    await judge.check(brought)
    for (let again = 0; again < 2; again++) await judge.validate(theirs)
    expect(judge.recall(brought.id)).to.equal(undefined)
    judge.keep(brought.id, brought.known as KnownToken)
    expect(judge.recall(brought.id)).to.equal(brought.known)
  })

  describe('and known to whoever brings it', () => {
    const presented = async (judge: TokenValidator): Promise<PresentedToken> => {
      const token = await sign()
      const brought = judge.present(token)
      expect(brought.known).to.equal(undefined)
      await judge.check(brought)
      expect(brought.known?.verified.claims.sub).to.equal('ann')
      return brought
    }

    it('needs no looking up', async () => {
      const keys = new Keyring(ours()).telling()
      const judge = validator(keys)
      const brought = await presented(judge)
      expect(judge.check({ ...brought, id: 'unheard of' })).to.equal(brought.known?.verified)
      expect(keys.asked).to.equal(1)
    })

    it('is refused once it has expired, and no longer known', async () => {
      const judge = validator(new Keyring(ours()).telling())
      const brought = await presented(judge)
      clock = (CLAIMS.exp + 1) * 1000
      expect(() => judge.check(brought)).to.throw(TokenExpiredError)
      expect(brought.known).to.equal(undefined)
      expect(judge.recall(brought.id)).to.equal(undefined)
    })

    it('is refused once its key has left the set, and no longer known', async () => {
      const keys = new Keyring(ours()).telling()
      const judge = validator(keys)
      const brought = await presented(judge)
      keys.publish()
      await rejection(Promise.resolve(judge.check(brought)), TokenInvalidError)
      expect(brought.known).to.equal(undefined)
      expect(judge.recall(brought.id)).to.equal(undefined)
    })

    it('is refused once it has been revoked', async () => {
      const revoked = new Set<unknown>()
      const judge = validator(new Keyring(ours()).telling(), {}, { isRevoked: ({ sub }) => revoked.has(sub) })
      const brought = await presented(judge)
      revoked.add('ann')
      expect(() => judge.check(brought)).to.throw(TokenRevokedError)
    })
  })

  it('is checked by many at once only once, when it is new', async () => {
    const keys = new Keyring(ours()).telling()
    const judge = validator(keys)
    const token = await sign()
    const all = await Promise.all(Array.from({ length: 20 }, () => judge.validate(token)))
    expect(new Set(all).size).to.equal(1)
    expect(keys.asked).to.equal(1)
  })

  it('is refused to all who come at once, when it is bad, and is judged anew for the next', async () => {
    const keys = new Keyring().telling()
    const judge = validator(keys)
    const token = await sign()
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => judge.validate(token)))
    expect(outcomes.map(({ status }) => status)).to.deep.equal(outcomes.map(() => 'rejected'))
    keys.publish(ours())
    expect((await judge.validate(token)).claims.sub).to.equal('ann')
  })

  it('is not mistaken for another one that comes at the same moment', async () => {
    const judge = validator(new Keyring(ours()).telling())
    const subjects = Array.from({ length: 20 }, (_, i) => `user-${i}`)
    const tokens = await Promise.all(subjects.map((sub) => sign({ ...CLAIMS, sub })))
    for (let round = 0; round < 2; round++) {
      const verified = await Promise.all(tokens.map((token) => judge.validate(token)))
      expect(verified.map(({ claims }) => claims.sub)).to.deep.equal(subjects)
    }
  })

  it('is not remembered for ever: the one used least makes room', async () => {
    const keys = new Keyring(ours()).telling()
    const judge = validator(keys, { tokenCacheSize: 2 })
    const [a, b, c] = (await Promise.all(['a', 'b', 'c'].map((jti) => sign({ ...CLAIMS, jti })))) as [
      string,
      string,
      string,
    ]
    const [first, forgotten] = [await judge.validate(a), await judge.validate(b)]
    for (const token of [a, c, a, c]) await judge.validate(token)
    expect(await judge.validate(a)).to.equal(first)
    expect(await judge.validate(b)).not.to.equal(forgotten)
  })

  describe('is refused as soon as it', () => {
    for (const { what, claims, options, lifetime, kind } of [
      { what: 'expires', claims: {}, options: {}, lifetime: 60_000, kind: TokenExpiredError },
      {
        what: 'expires, the tolerance included',
        claims: {},
        options: { clockToleranceSeconds: 5 },
        lifetime: 65_000,
        kind: TokenExpiredError,
      },
      {
        what: 'expires, to the fraction of a second',
        claims: { exp: NOW + 1.5 },
        options: {},
        lifetime: 1500,
        kind: TokenExpiredError,
      },
      {
        what: 'is too old',
        claims: {},
        options: { maxTokenAgeSeconds: 30 },
        lifetime: 30_001,
        kind: TokenInvalidError,
      },
      {
        what: 'expires, though it might be older',
        claims: {},
        options: { maxTokenAgeSeconds: 3600 },
        lifetime: 60_000,
        kind: TokenExpiredError,
      },
    ] as const) {
      it(what, async () => {
        const keys = new Keyring(ours()).telling()
        const judge = validator(keys, options)
        const token = await sign({ ...CLAIMS, ...claims })
        await judge.validate(token)
        clock += lifetime - 1
        await judge.validate(token)
        clock += 1
        await rejection<Error>(judge.validate(token), kind)
        await rejection<Error>(judge.validate(token), kind)
      })
    }
  })

  describe('and whose key', () => {
    const seen = async (keys: Keyring) => {
      const judge = validator(keys)
      const token = await sign()
      await judge.validate(token)
      return { again: () => judge.validate(token) }
    }
    const kinds = [
      { source: 'a source that can tell', keyring: () => new Keyring(ours()).telling() },
      { source: 'a source that has to be asked', keyring: () => new Keyring(ours()) },
    ]

    for (const { source, keyring } of kinds) {
      it(`has left the set is refused: ${source}`, async () => {
        const keys = keyring()
        const { again } = await seen(keys)
        keys.publish({ ...other.jwk, kid: 'b' })
        expect(await rejection(again(), TokenInvalidError)).to.have.property('code', 'key_unknown')
        expect(await rejection(again(), TokenInvalidError)).to.have.property('code', 'key_unknown')
      })

      it(`shares its id with another key now is refused: ${source}`, async () => {
        const keys = keyring()
        const { again } = await seen(keys)
        keys.publish(ours(), { ...other.jwk, kid: 'a' })
        await nextTurn()
        expect(await rejection(again(), TokenInvalidError)).to.have.property('code', 'key_unknown')
      })

      it(`has been replaced under the same id is refused: ${source}`, async () => {
        const keys = keyring()
        const { again } = await seen(keys)
        keys.publish({ ...other.jwk, kid: 'a' })
        expect(await rejection(again(), TokenInvalidError)).to.have.property('code', 'signature_mismatch')
      })

      it(`has left the set and come back is good again: ${source}`, async () => {
        const keys = keyring()
        const { again } = await seen(keys)
        keys.publish()
        await rejection(again(), TokenInvalidError)
        keys.publish(ours())
        expect((await again()).claims.sub).to.equal('ann')
      })

      it(`cannot be told to be trusted gets 503, whatever is remembered: ${source}`, async () => {
        const keys = keyring()
        const { again } = await seen(keys)
        keys.failure = new KeysUnavailableError(7)
        expect(await rejection(again(), KeysUnavailableError)).to.have.property('retryAfterSeconds', 7)
        keys.failure = new Error('database down')
        expect(await rejection(again(), KeysUnavailableError)).to.have.property('cause', keys.failure)
        keys.failure = undefined
        expect((await again()).claims.sub).to.equal('ann')
      })
    }

    it('is another object of the same key is checked once more, and remembered with that', async () => {
      const keys = new Keyring(ours())
      const { again } = await seen(keys)
      const twin = new Keyring(ours())
      keys.keyFor = (header) => twin.keyFor(header)
      expect((await again()).claims.sub).to.equal('ann')
      expect(twin.asked).to.equal(2)
      await again()
      expect(twin.asked).to.equal(3)
    })

    it('is of a source that breaks when it has to tell never makes a request fail with 500', async () => {
      const keys = new Keyring(ours())
      const { again } = await seen(keys)
      keys.keyAtHand = () => {
        throw new Error('database down')
      }
      await again().catch((error) => expect(error).to.be.instanceOf(KeysUnavailableError))
    })
  })

  describe('in another spelling is refused:', () => {
    const judged = async (spell: (token: string) => string) => {
      const judge = validator(new Keyring(ours()).telling())
      const token = await sign()
      await judge.validate(token)
      const spelt = spell(token)
      expect(spelt).not.to.equal(token)
      await rejection(judge.validate(spelt), TokenInvalidError)
      await judge.validate(token)
    }
    const part = (token: string, index: number, change: (text: string) => string) =>
      token
        .split('.')
        .map((text, i) => (i === index ? change(text) : text))
        .join('.')
    /** The same bytes: the low bits of the last letter don't count. */
    const spare = (text: string) => text.slice(0, -1) + ALPHABET[ALPHABET.indexOf(text.slice(-1)) + 1]

    for (const [what, spell] of Object.entries<(token: string) => string>({
      'bits to spare in the signature': (token) => part(token, 2, spare),
      'padding of the signature': (token) => `${token}==`,
      'a space at its end': (token) => `${token} `,
      'a dot at its end': (token) => `${token}.`,
      'a NUL at its end': (token) => `${token}\0`,
      'the signature left out': (token) => part(token, 2, () => ''),
      'the other alphabet': (token) => token.replaceAll('-', '+').replaceAll('_', '/'),
      'other claims': (token) => part(token, 1, () => encode({ ...CLAIMS, role: 'admin' }).toString('base64url')),
      'another header': (token) => part(token, 0, () => encode({ alg: 'RS256', kid: 'b' }).toString('base64url')),
      'no algorithm': (token) => part(token, 0, () => encode({ alg: 'none', kid: 'a' }).toString('base64url')),
    })) {
      it(what, () => judged(spell))
    }

    it('any letter changed', async () => {
      const keys = new Keyring(ours()).telling()
      const judge = validator(keys)
      const token = await sign()
      await judge.validate(token)
      for (let i = 0; i < token.length; i += 11) {
        const letter = token[i] === 'A' ? 'B' : 'A'
        await rejection(judge.validate(token.slice(0, i) + letter + token.slice(i + 1)), TokenInvalidError)
      }
    })
  })

  describe('is judged alike, however many are remembered:', () => {
    const tokens: Readonly<Record<string, () => Promise<string>>> = {
      'a good one': () => sign(),
      'one without an id': () => sign({ ...CLAIMS, jti: undefined }),
      'one without a key id': () => sign(CLAIMS, { kid: undefined }),
      'one of another key': () => sign(CLAIMS, {}, other),
      'one of an unknown key': () => sign(CLAIMS, { kid: 'c' }),
      'one of another algorithm': async () => {
        const [, ...rest] = (await sign()).split('.')
        return [encode({ alg: 'RS384', kid: 'a' }).toString('base64url'), ...rest].join('.')
      },
      'one of another type': () => sign(CLAIMS, { typ: 'logout+jwt' }),
      'one with a critical extension': async () => {
        const [, ...rest] = (await sign()).split('.')
        return [encode({ alg: 'RS256', kid: 'a', crit: ['x'], x: 1 }).toString('base64url'), ...rest].join('.')
      },
      'one of another issuer': () => sign({ ...CLAIMS, iss: 'https://evil.test' }),
      'one for another audience': () => sign({ ...CLAIMS, aud: 'other' }),
      'one that has expired': () => sign({ ...CLAIMS, exp: NOW }),
      'one without expiry': () => sign({ ...CLAIMS, exp: undefined }),
      'one that is not valid yet': () => sign({ ...CLAIMS, nbf: NOW + 1 }),
      'one from the future': () => sign({ ...CLAIMS, iat: NOW + 1 }),
      'one with claims of the wrong type': () => sign({ ...CLAIMS, exp: String(NOW + 60) }),
      'one with a claim twice': () => sign(`{"aud":"api",${JSON.stringify(CLAIMS).slice(1)}`),
      'one whose payload is a list': () => sign([CLAIMS]),
      'one without signature': async () => `${(await sign()).split('.').slice(0, 2).join('.')}.`,
      'one that is too long': () => sign({ ...CLAIMS, padding: 'x'.repeat(9000) }),
      'no token at all': async () => 'opaque',
      'an empty one': async () => '',
    }
    const verdict = async (judge: TokenValidator, token: string) => {
      try {
        const { claims, rawClaims, header } = await judge.validate(token)
        return { claims, rawClaims, header }
      } catch (error) {
        expect(error).to.be.instanceOf(AuthError)
        const { code, status, message } = error as AuthError
        return { code, status, message }
      }
    }

    for (const [what, make] of Object.entries(tokens)) {
      it(what, async () => {
        const token = await make()
        const verdicts: unknown[] = []
        for (const tokenCacheSize of [0, 1, 100]) {
          for (const keys of [new Keyring(ours()), new Keyring(ours()).telling()]) {
            const judge = validator(keys, { tokenCacheSize })
            for (let sight = 0; sight < 3; sight++) verdicts.push(await verdict(judge, token))
          }
        }
        for (const each of verdicts) expect(each).to.deep.equal(verdicts[0])
        if (what === 'a good one') expect(verdicts[0]).to.have.property('claims')
      })
    }

    it('one without a key id, once a second key makes its own ambiguous', async () => {
      const verdicts: unknown[] = []
      for (const tokenCacheSize of [0, 100]) {
        const keys = new Keyring(ours()).telling()
        const judge = validator(keys, { tokenCacheSize })
        const token = await sign(CLAIMS, { kid: undefined })
        await judge.validate(token)
        keys.publish(ours(), { ...other.jwk, kid: 'b' })
        await nextTurn()
        verdicts.push(await verdict(judge, token))
      }
      expect(verdicts[1]).to.deep.equal(verdicts[0])
    })
  })

  it('is checked every time where nothing is remembered', async () => {
    const keys = new Keyring(ours()).telling()
    const judge = validator(keys, { tokenCacheSize: 0 })
    const token = await sign()
    expect(await judge.validate(token)).not.to.equal(await judge.validate(token))
  })
})

describe('a key source that hands out', () => {
  for (const { what, key } of [
    { what: 'nothing', key: undefined },
    { what: 'null', key: null },
    { what: 'an object that is no key', key: {} },
    { what: 'a text', key: 'key' },
  ]) {
    for (const { when, source } of [
      { when: 'when it is asked', source: { keyFor: async () => key } },
      { when: 'at once', source: { keyFor: async () => key, keyAtHand: () => key } },
    ]) {
      it(`${what} ${when} has no keys to offer: 503`, async () => {
        const { privateKey } = await keyPair('RS256')
        const token = await new CompactSign(encode(CLAIMS)).setProtectedHeader({ alg: 'RS256' }).sign(privateKey)
        const settings = loadSettings({ options: { issuer: CLAIMS.iss, audience: 'api' }, env: {}, configFiles: [] })
        const judge = new TokenValidator({ settings, keys: source as unknown as KeySource })
        await rejection(judge.validate(token), KeysUnavailableError)
      })
    }
  }
})
