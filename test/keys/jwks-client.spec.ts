import type { RequestListener } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { expect } from 'chai'
import { type CryptoKey, exportJWK, type JWK } from 'jose'
import { afterEach, before, beforeEach, describe, it } from 'mocha'
import { SecurityContext } from '../../src/context/security-context.js'
import { KeysUnavailableError } from '../../src/errors/keys-unavailable-error.js'
import { TokenInvalidError } from '../../src/errors/token-invalid-error.js'
import { FetchError } from '../../src/keys/fetch-json.js'
import { JwksClient, type JwksSettings } from '../../src/keys/jwks-client.js'
import { aPrincipal } from '../support/a-principal.js'
import { onKeyEvent } from '../support/on-key-event.js'
import { eventually } from './eventually.js'
import { keyPair } from './key-pairs.js'
import { byPath, json, LocalServer, status } from './local-server.js'
import { rejection } from './rejection.js'

const SECOND = 1000

describe('a JWKS client', () => {
  let first: JWK
  let second: JWK
  before(async () => {
    first = { ...(await keyPair('RS256')).jwk, kid: 'first' }
    second = { ...(await keyPair('RS256', 'other')).jwk, kid: 'second' }
  })

  let server: LocalServer
  let client: JwksClient
  let clock: number
  beforeEach(async () => {
    clock = 1000 * SECOND
    server = await LocalServer.start(json({ keys: [first] }))
    client = newClient()
  })
  afterEach(async () => {
    client.close()
    await server.close()
  })

  const settings = (given: Partial<JwksSettings> = {}): JwksSettings => ({
    issuer: server.origin,
    jwksEndpoint: `${server.origin}/jwks`,
    jwksTtlSeconds: 300,
    jwksCooldownSeconds: 10,
    jwksMaxStaleSeconds: 3600,
    jwksTimeoutMs: 5000,
    ...given,
  })
  const newClient = (given?: Partial<JwksSettings>) => new JwksClient(settings(given), () => clock)
  const keyFor = (kid: string) => client.keyFor({ alg: 'RS256', kid })
  const publish = (...keys: readonly JWK[]) => {
    server.answer = json({ keys })
  }
  const goDown = () => {
    server.answer = status(500)
  }
  /** Holds answers back until they are released. */
  const hold = (answer: RequestListener): (() => void) => {
    const held: (() => void)[] = []
    server.answer = (request, response) => held.push(() => answer(request, response))
    return () => {
      server.answer = answer
      for (const release of held.splice(0)) release()
    }
  }
  const asked = (times: number) => eventually(() => server.requests.length >= times, `${times} fetches`)
  const isUnknown = async (kid: string) =>
    expect(await rejection(keyFor(kid), TokenInvalidError)).to.have.property('code', 'key_unknown')
  const isUnavailable = (kid: string) => rejection(keyFor(kid), KeysUnavailableError)
  const isKey = async (key: CryptoKey, jwk: JWK) => expect((await exportJWK(key)).n).to.equal(jwk.n)

  describe('is refused', () => {
    for (const name of ['jwksTtlSeconds', 'jwksCooldownSeconds', 'jwksTimeoutMs', 'jwksMaxStaleSeconds'] as const) {
      const least = name === 'jwksMaxStaleSeconds' ? 0 : 0.001
      it(`with a time that makes no sense as ${name}`, () => {
        for (const value of [-1, Number.NaN, ...(least === 0 ? [] : [0])]) {
          expect(() => newClient({ [name]: value })).to.throw(RangeError, name)
        }
        newClient({ [name]: least }).close()
      })
    }
  })

  it('has a clock of its own', async () => {
    client = new JwksClient(settings())
    await keyFor('first')
    await keyFor('first')
    expect(server.requests).to.have.length(1)
  })

  it('tells how long a fetch took, and how old the keys are that it goes on with', async () => {
    const events: unknown[] = []
    const stops = (['keys:refreshed', 'keys:refresh-failed', 'keys:served-stale'] as const).map((name) =>
      onKeyEvent([server.origin], name, (event) => events.push({ name, ...event })),
    )
    try {
      clock = 7000
      const release = hold(json({ keys: [first] }))
      const key = keyFor('first')
      await asked(1)
      clock += 250
      release()
      await key
      clock += 400 * SECOND
      const before = server.requests.length
      const failing = hold(status(500))
      const stale = keyFor('first')
      await asked(before + 1)
      clock += 125
      failing()
      await stale
      await eventually(() => events.length === 3, 'three events')
      expect(events.map((event) => ({ ...(event as object), issuer: '', reason: '' }))).to.deep.equal([
        { name: 'keys:refreshed', issuer: '', keys: 1, durationMs: 250, reason: '' },
        { name: 'keys:refresh-failed', issuer: '', reason: '', durationMs: 125 },
        { name: 'keys:served-stale', issuer: '', reason: '', ageSeconds: 400 },
      ])
    } finally {
      for (const stop of stops) stop()
    }
  })

  describe('belongs to no caller, whoever has it fetch', () => {
    const callers: unknown[] = []
    let stop: readonly (() => void)[]
    beforeEach(() => {
      callers.length = 0
      stop = (['keys:refreshed', 'keys:refresh-failed'] as const).map((name) =>
        onKeyEvent([server.origin], name, () => callers.push(SecurityContext.get()?.sub)),
      )
    })
    afterEach(() => {
      for (const end of stop) end()
    })
    const asAnn = <Result>(work: () => Result) => SecurityContext.run(aPrincipal({ sub: 'ann' }), work)

    it('at first, and ahead of the end of the TTL', async () => {
      await asAnn(() => keyFor('first'))
      clock += 0.8 * 300 * SECOND
      expect(asAnn(() => client.keyAtHand({ alg: 'RS256', kid: 'first' }))).not.to.equal(undefined)
      await eventually(() => callers.length === 2, 'two fetches')
      expect(callers).to.deep.equal([undefined, undefined])
    })

    it('when it tries again by itself', async () => {
      client = newClient({ jwksCooldownSeconds: 0.05 })
      goDown()
      await asAnn(() => isUnavailable('first'))
      await asked(2)
      publish(first)
      await eventually(() => client.keyCount === 1, 'the keys')
      expect(new Set(callers)).to.deep.equal(new Set([undefined]))
    })

    it('and the caller is still the same afterwards', async () => {
      const sub = await asAnn(async () => {
        await keyFor('first')
        return SecurityContext.get()?.sub
      })
      expect([sub, callers]).to.deep.equal(['ann', [undefined]])
    })
  })

  describe('fetches', () => {
    it('nothing before a key is asked for', () => {
      expect(server.requests).to.deep.equal([])
    })

    it('once for all callers who come while nothing is there', async () => {
      const release = hold(json({ keys: [first] }))
      const callers = Array.from({ length: 200 }, () => keyFor('first'))
      await asked(1)
      clock += 1
      callers.push(keyFor('first'))
      release()
      const keys = await Promise.all(callers)
      expect(new Set(keys).size).to.equal(1)
      await isKey(keys[0] as CryptoKey, first)
      expect(server.requests).to.deep.equal(['/jwks'])
    })

    it('nothing more while the set is fresh', async () => {
      await keyFor('first')
      clock += 0.8 * 300 * SECOND - 1
      await keyFor('first')
      expect(server.requests).to.have.length(1)
    })

    it('ahead of the end of its TTL, in the background', async () => {
      await keyFor('first')
      const release = hold(json({ keys: [first, second] }))
      clock += 0.8 * 300 * SECOND
      await keyFor('first')
      await keyFor('first')
      await asked(2)
      release()
      await eventually(
        () =>
          keyFor('second').then(
            () => true,
            () => false,
          ),
        'the refreshed set',
      )
      expect(server.requests).to.have.length(2)
    })

    it('and makes callers wait once the TTL is over', async () => {
      await keyFor('first')
      publish(second)
      clock += 300 * SECOND
      await isKey(await keyFor('second'), second)
      expect(server.requests).to.have.length(2)
    })

    it('counts the age of a set from the moment it was asked for', async () => {
      const release = hold(json({ keys: [first] }))
      const key = keyFor('first')
      await asked(1)
      clock += 300 * SECOND
      release()
      await key
      await keyFor('first')
      expect(server.requests).to.have.length(2)
    })
  })

  describe('replaces the set', () => {
    it('and never merges it: a key that is gone is gone', async () => {
      await keyFor('first')
      publish(second)
      clock += 300 * SECOND
      await keyFor('second')
      await isUnknown('first')
    })

    it('by an empty one as well', async () => {
      await keyFor('first')
      publish()
      clock += 300 * SECOND
      await isUnknown('first')
    })
  })

  describe('asked for an unknown key id', () => {
    it('fetches at once, so that a rotated key is known at its first request', async () => {
      await keyFor('first')
      publish(first, second)
      clock += 1
      await isKey(await keyFor('second'), second)
      expect(server.requests).to.have.length(2)
    })

    it('fetches once for many callers, also for those who come while it does', async () => {
      await keyFor('first')
      clock += 1
      const release = hold(json({ keys: [first] }))
      const callers = Array.from({ length: 100 }, (_, i) => isUnknown(`forged-${i}`))
      await asked(2)
      clock += 1
      callers.push(...Array.from({ length: 100 }, (_, i) => isUnknown(`later-${i}`)))
      release()
      await Promise.all(callers)
      expect(server.requests).to.have.length(2)
    })

    it('fetches once per cool-down, counted from the attempt', async () => {
      await keyFor('first')
      clock += 1
      const release = hold(json({ keys: [first] }))
      const slow = isUnknown('forged')
      await asked(2)
      clock += 10 * SECOND - 1
      release()
      await slow
      await isUnknown('forged')
      expect(server.requests).to.have.length(2)
      clock += 1
      await isUnknown('forged')
      expect(server.requests).to.have.length(3)
    })

    it('goes on serving known ones during the cool-down', async () => {
      await keyFor('first')
      clock += 1
      await isUnknown('forged')
      await isKey(await keyFor('first'), first)
    })

    it('refuses a rotated key no longer than the cool-down of a flood', async () => {
      await keyFor('first')
      clock += 1
      await isUnknown('forged')
      publish(second)
      clock += 10 * SECOND - 1
      await isUnknown('second')
      clock += 1
      await isKey(await keyFor('second'), second)
    })

    it('does not fetch again when the set is as new as the question', async () => {
      await isUnknown('forged')
      expect(server.requests).to.have.length(1)
    })

    it('is not content with a fetch that began before: the key may be newer', async () => {
      await keyFor('first')
      clock += 0.8 * 300 * SECOND
      const release = hold(json({ keys: [first] }))
      await keyFor('first')
      await asked(2)
      clock += 1
      const rotated = keyFor('second')
      release()
      publish(second)
      await isKey(await rotated, second)
      expect(server.requests).to.have.length(3)
    })

    it('says 503 when that cannot be told, and fetches no more for the cool-down', async () => {
      await keyFor('first')
      clock += 1
      goDown()
      expect(await isUnavailable('second')).to.include({ retryAfterSeconds: 10 })
      clock += 4 * SECOND
      expect(await isUnavailable('second')).to.include({ retryAfterSeconds: 6 })
      expect(server.requests).to.have.length(2)
      await isKey(await keyFor('first'), first)
      clock += 6 * SECOND
      publish(second)
      await isKey(await keyFor('second'), second)
    })
  })

  describe('while the endpoint is down', () => {
    const outages: Readonly<Record<string, () => RequestListener>> = {
      'it fails': () => status(500),
      'it sends no JSON': () => (_request, response) => response.end('<html>'),
      'it sends no key set': () => json({ keys: 'none' }),
      'it redirects to somebody else': () => status(302, { location: 'http://localhost:1/' }),
      'it hangs up': () => (_request, response) => response.destroy(),
    }
    for (const [what, answer] of Object.entries(outages)) {
      it(`serves the last set on: ${what}`, async () => {
        await keyFor('first')
        server.answer = answer()
        clock += 300 * SECOND
        await isKey(await keyFor('first'), first)
        expect(server.requests).to.have.length(2)
      })
    }

    it('tries again once per cool-down, without anybody waiting', async () => {
      await keyFor('first')
      goDown()
      clock += 300 * SECOND
      await keyFor('first')
      clock += 10 * SECOND - 1
      await keyFor('first')
      await wait(50)
      expect(server.requests).to.have.length(2)
      clock += 1
      const release = hold(status(500))
      await keyFor('first')
      await asked(3)
      release()
    })

    it('serves the last set for the longest stale time and no longer', async () => {
      await keyFor('first')
      goDown()
      clock += 300 * SECOND
      await keyFor('first')
      clock += 3600 * SECOND - 1
      await keyFor('first')
      clock += 1
      await isUnavailable('first')
    })

    it('serves no stale set at all where none is allowed', async () => {
      client = newClient({ jwksMaxStaleSeconds: 0 })
      await keyFor('first')
      goDown()
      clock += 300 * SECOND
      await isUnavailable('first')
    })

    it('serves no set that has grown too old while it was trying', async () => {
      await keyFor('first')
      clock += 300 * SECOND
      const release = hold(status(500))
      const key = isUnavailable('first')
      await asked(2)
      clock += 3600 * SECOND
      release()
      await key
    })

    it('keeps a set it failed to refresh ahead', async () => {
      await keyFor('first')
      goDown()
      clock += 0.9 * 300 * SECOND
      const events: string[] = []
      const stops = (['keys:served-stale', 'keys:refresh-failed'] as const).map((name) =>
        onKeyEvent([server.origin], name, () => events.push(name)),
      )
      await keyFor('first')
      await eventually(() => events.length > 0, 'the failure')
      await isKey(await keyFor('first'), first)
      for (const stop of stops) stop()
      expect(events).to.deep.equal(['keys:refresh-failed'])
    })

    it('says when to come back, and why in the cause', async () => {
      goDown()
      const error = await isUnavailable('first')
      expect(error.headers).to.deep.equal({ 'Retry-After': '10' })
      expect(error.cause).to.be.instanceOf(FetchError).with.property('status', 500)
    })

    it('says in the cause that what came is no key set', async () => {
      server.answer = json({ keys: 'none' })
      const { cause } = await isUnavailable('first')
      expect(cause)
        .to.be.instanceOf(FetchError)
        .with.property('message', `${server.origin}/jwks did not send a JWK Set`)
    })

    it('asks once for all callers at a cold start, and remembers the failure no longer than the cool-down', async () => {
      const release = hold(status(500))
      const callers = Array.from({ length: 200 }, () => isUnavailable('first'))
      await asked(1)
      release()
      await Promise.all(callers)
      clock += 10 * SECOND - 1
      expect(await isUnavailable('first'))
        .to.have.property('retryAfterSeconds')
        .that.is.closeTo(0, 0.01)
      expect(server.requests).to.have.length(1)
      publish(first)
      clock += 1
      await isKey(await keyFor('first'), first)
      expect(server.requests).to.have.length(2)
    })

    it('forgets the outage once it is over: no stale set is served any more', async () => {
      goDown()
      await isUnavailable('first')
      publish(first)
      clock += 10 * SECOND
      await keyFor('first')
      publish(second)
      clock += 300 * SECOND
      await isUnknown('first')
    })

    it('counts the cool-down from the attempt, not from its end', async () => {
      const release = hold(status(500))
      const slow = isUnavailable('first')
      await asked(1)
      clock += 10 * SECOND
      release()
      await slow
      publish(first)
      await keyFor('first')
      expect(server.requests).to.have.length(2)
    })
  })

  describe('recovers by itself', () => {
    const byItself = () => new JwksClient(settings({ jwksCooldownSeconds: 0.05 }))
    const later = (times: number) => server.requests.length + times

    it('as soon as the endpoint is back, with nobody asking', async () => {
      client = byItself()
      goDown()
      await isUnavailable('first')
      await asked(3)
      publish(first)
      await asked(later(1))
      await eventually(
        () =>
          keyFor('first').then(
            () => true,
            () => false,
          ),
        'the key',
      )
    })

    it('and stops trying once it has', async () => {
      client = byItself()
      goDown()
      await isUnavailable('first')
      publish(first)
      await asked(2)
      await wait(200)
      expect(server.requests).to.have.length(2)
    })

    it('unless it is closed', async () => {
      client = byItself()
      goDown()
      await isUnavailable('first')
      client.close()
      await wait(200)
      expect(server.requests).to.have.length(1)
    })

    it('unless it is closed while it fetches', async () => {
      client = byItself()
      const release = hold(status(500))
      const key = isUnavailable('first')
      await asked(1)
      client.close()
      release()
      await key
      await wait(200)
      expect(server.requests).to.have.length(1)
    })

    it('with a cool-down longer than a timer can wait, too', async () => {
      const warnings: string[] = []
      const listen = ({ name }: Error) => warnings.push(name)
      process.on('warning', listen)
      try {
        client = newClient({ jwksCooldownSeconds: 2_147_483_647 })
        goDown()
        await isUnavailable('first')
        await wait(20)
        expect(warnings).to.deep.equal([])
        expect(server.requests).to.have.length(1)
      } finally {
        process.off('warning', listen)
      }
    })
  })

  describe('without an endpoint in the settings', () => {
    const OPENID = '/.well-known/openid-configuration'
    const issuer = (location: string): RequestListener =>
      byPath({
        [OPENID]: json({ issuer: server.origin, jwks_uri: `${server.origin}${location}` }),
        [location]: json({ keys: [first] }),
      })
    beforeEach(() => {
      client = newClient({ jwksEndpoint: '' })
    })

    it('discovers it once', async () => {
      server.answer = issuer('/keys')
      await isKey(await keyFor('first'), first)
      clock += 300 * SECOND
      await keyFor('first')
      expect(server.requests).to.deep.equal([OPENID, '/keys', '/keys'])
    })

    it('discovers it again after a failure: it may have moved', async () => {
      server.answer = issuer('/keys')
      await keyFor('first')
      server.answer = issuer('/moved')
      clock += 300 * SECOND
      await keyFor('first')
      clock += 10 * SECOND
      await keyFor('first')
      await asked(5)
      expect(server.requests).to.deep.equal([OPENID, '/keys', '/keys', OPENID, '/moved'])
    })

    it('says 503 while the issuer is down', async () => {
      goDown()
      await isUnavailable('first')
      expect(server.requests).to.deep.equal([OPENID])
    })

    it('takes the usual place where the issuer has no metadata', async () => {
      server.answer = byPath({ '/api/v1/auth/jwks': json({ keys: [first] }) })
      await isKey(await keyFor('first'), first)
    })
  })
})
