import { createHook } from 'node:async_hooks'
import type { RequestListener } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { expect } from 'chai'
import { exportJWK, type JWK } from 'jose'
import { afterEach, before, beforeEach, describe, it } from 'mocha'
import { KeysUnavailableError } from '../../src/errors/keys-unavailable-error.js'
import { TokenInvalidError } from '../../src/errors/token-invalid-error.js'
import { JwksClient, type JwksSettings } from '../../src/keys/jwks-client.js'
import { type KeyEventName, onKeyEvent } from '../support/on-key-event.js'
import { eventually } from './eventually.js'
import { keyPair } from './key-pairs.js'
import { json, LocalServer, status } from './local-server.js'
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
    clock = 0
    server = await LocalServer.start(json({ keys: [first] }))
    client = newClient()
  })
  afterEach(async () => {
    client.close()
    await server.close()
  })

  const newClient = (given: Partial<JwksSettings> = {}, now = () => clock) =>
    new JwksClient(
      {
        issuer: server.origin,
        jwksEndpoint: `${server.origin}/jwks`,
        jwksTtlSeconds: 300,
        jwksCooldownSeconds: 10,
        jwksMaxStaleSeconds: 3600,
        jwksTimeoutMs: 5000,
        ...given,
      },
      now,
    )
  const header = (kid: string) => ({ alg: 'RS256', kid })
  const keyFor = (kid: string) => client.keyFor(header(kid))
  const atHand = (kid: string) => client.keyAtHand(header(kid))
  const publish = (...keys: readonly JWK[]) => {
    server.answer = json({ keys })
  }
  const goDown = () => {
    server.answer = status(500)
  }
  const hold = (answer: RequestListener): (() => void) => {
    const held: (() => void)[] = []
    server.answer = (request, response) => held.push(() => answer(request, response))
    return () => {
      for (const release of held.splice(0)) release()
    }
  }
  const asked = (times: number) => eventually(() => server.requests.length >= times, `${times} fetches`)

  describe('has at hand', () => {
    it('nothing before anything has been fetched, and fetches nothing for that', async () => {
      expect(atHand('first')).to.equal(undefined)
      await wait(20)
      expect(server.requests).to.deep.equal([])
    })

    it('a key that has been asked for, and no other', async () => {
      publish(first, second)
      const key = await keyFor('first')
      expect(atHand('first')).to.equal(key)
      expect(atHand('second')).to.equal(undefined)
      expect(atHand('forged')).to.equal(undefined)
      expect(server.requests).to.have.length(1)
    })

    it('the same key after the set has been refreshed, as soon as it has been asked for', async () => {
      const key = await keyFor('first')
      publish(second, first)
      clock += 300 * SECOND
      expect(atHand('first')).to.equal(undefined)
      expect(await keyFor('first')).to.equal(key)
      expect(atHand('first')).to.equal(key)
    })

    it('no key that has left the set', async () => {
      await keyFor('first')
      publish(second)
      clock += 300 * SECOND
      await keyFor('second')
      expect(atHand('first')).to.equal(undefined)
      expect(await rejection(keyFor('first'), TokenInvalidError)).to.have.property('code', 'key_unknown')
    })

    it('a key while a fetch is under way, and leaves nothing behind on it, however often it is asked for', async () => {
      await keyFor('first')
      clock += 0.8 * 300 * SECOND
      const release = hold(json({ keys: [first] }))
      expect(atHand('first')).not.to.equal(undefined)
      await asked(2)
      let promises = 0
      const hook = createHook({ init: (_id, type) => type === 'PROMISE' && promises++ }).enable()
      for (let i = 0; i < 100; i++) atHand('first')
      hook.disable()
      release()
      expect(promises).to.equal(0)
    })

    it('nothing once the set is past its TTL and no outage is known', async () => {
      await keyFor('first')
      clock += 300 * SECOND - 1
      expect(atHand('first')).not.to.equal(undefined)
      await asked(2)
      client.close()
      client = newClient()
      await keyFor('first')
      clock += 300 * SECOND
      expect(atHand('first')).to.equal(undefined)
    })

    it('what it serves stale during an outage, for as long as it may', async () => {
      const key = await keyFor('first')
      goDown()
      clock += 300 * SECOND
      await keyFor('first')
      expect(atHand('first')).to.equal(key)
      clock += 3600 * SECOND - 1
      expect(atHand('first')).to.equal(key)
      clock += 1
      expect(atHand('first')).to.equal(undefined)
      await rejection(keyFor('first'), KeysUnavailableError)
    })

    it('what keeps itself fresh: asking for it refreshes the set ahead, once', async () => {
      await keyFor('first')
      const release = hold(json({ keys: [second] }))
      clock += 0.8 * 300 * SECOND - 1
      atHand('first')
      await wait(20)
      expect(server.requests).to.have.length(1)
      clock += 1
      for (let i = 0; i < 10; i++) expect(atHand('first')).not.to.equal(undefined)
      await asked(2)
      release()
      await eventually(() => atHand('first') === undefined, 'the refreshed set')
      expect(server.requests).to.have.length(2)
    })

    it('what notices the end of an outage', async () => {
      await keyFor('first')
      goDown()
      clock += 300 * SECOND
      await keyFor('first')
      publish(second)
      clock += 10 * SECOND
      expect(atHand('first')).not.to.equal(undefined)
      await eventually(() => atHand('first') === undefined, 'the new set')
    })
  })

  describe('warms up', () => {
    it('so that the first request fetches nothing', async () => {
      await client.warmUp()
      expect(server.requests).to.deep.equal(['/jwks'])
      await keyFor('first')
      expect(server.requests).to.have.length(1)
    })

    it('once, however often it is told to', async () => {
      await Promise.all([client.warmUp(), client.warmUp()])
      await client.warmUp()
      expect(server.requests).to.have.length(1)
    })

    it('together with requests that come meanwhile', async () => {
      await Promise.all([client.warmUp(), keyFor('first'), client.warmUp()])
      expect(server.requests).to.have.length(1)
    })

    it('in vain while the endpoint is down, which is no error, and recovers by itself', async () => {
      client = newClient({ jwksCooldownSeconds: 0.05 }, () => performance.now())
      goDown()
      await client.warmUp()
      publish(first)
      await asked(2)
      await eventually(
        () =>
          keyFor('first').then(
            () => true,
            () => false,
          ),
        'the key',
      )
    })

    it('in vain, and goes on trying for as long as it takes, with nobody asking', async () => {
      const { origin } = server
      client = newClient({ jwksCooldownSeconds: 0.003 }, () => performance.now())
      await server.close()
      let failures = 0
      const stop = onKeyEvent([origin], 'keys:refresh-failed', () => failures++)
      await client.warmUp()
      await eventually(() => failures >= 400, 'the 400th attempt').finally(stop)
    })

    it('no longer than one fetch may take', async () => {
      client = newClient({ jwksTimeoutMs: 50 })
      hold(json({ keys: [first] }))
      await client.warmUp()
      expect(server.requests).to.have.length(1)
    })
  })

  describe('publishes', () => {
    const stops: (() => void)[] = []
    afterEach(() => {
      for (const stop of stops.splice(0)) stop()
    })
    const recorded = (name: KeyEventName) => {
      const events: object[] = []
      stops.push(onKeyEvent([server.origin], name, (event) => events.push(event)))
      return events
    }

    it('that it has refreshed the keys: for which issuer, how many that can be used, and how long it took', async () => {
      const refreshed = recorded('keys:refreshed')
      const release = hold(json({ keys: [first, second, { kty: 'oct', k: 'AA' }] }))
      const key = keyFor('first')
      await asked(1)
      clock += 250
      release()
      await key
      expect(refreshed).to.deep.equal([{ issuer: server.origin, keys: 2, durationMs: 250 }])
      expect(refreshed[0]).to.be.frozen
      await keyFor('second')
      expect(refreshed).to.have.length(1)
    })

    it('that it has failed to, and why', async () => {
      const failed = recorded('keys:refresh-failed')
      const stale = recorded('keys:served-stale')
      goDown()
      await rejection(keyFor('first'), KeysUnavailableError)
      await rejection(keyFor('first'), KeysUnavailableError)
      const reason = `${server.origin}/jwks answered 500`
      expect(failed).to.deep.equal([{ issuer: server.origin, reason, durationMs: 0 }])
      expect(failed[0]).to.be.frozen
      expect(stale).to.deep.equal([])
    })

    it('that it serves a stale set, once per failed fetch, and how old it is', async () => {
      const stale = recorded('keys:served-stale')
      await keyFor('first')
      goDown()
      clock += 0.9 * 300 * SECOND
      await keyFor('first')
      await asked(2)
      await wait(20)
      expect(stale).to.deep.equal([])
      clock = 310 * SECOND
      await keyFor('first')
      await asked(3)
      await eventually(() => stale.length > 0, 'the event')
      for (let i = 0; i < 5; i++) await keyFor('first')
      expect(stale).to.deep.equal([{ issuer: server.origin, ageSeconds: 310 }])
      expect(stale[0]).to.be.frozen
      clock += 10 * SECOND
      await keyFor('first')
      await eventually(() => stale.length > 1, 'the next event')
      expect(stale[1]).to.deep.equal({ issuer: server.origin, ageSeconds: 320 })
    })

    it('that nothing is served any more by silence: a set too old is not served stale', async () => {
      const stale = recorded('keys:served-stale')
      await keyFor('first')
      goDown()
      clock += 3900 * SECOND
      await rejection(keyFor('first'), KeysUnavailableError)
      expect(stale).to.deep.equal([])
    })

    it('nothing that hurts it: a listener that throws is a warning', async () => {
      const warnings: Error[] = []
      const listen = (warning: Error) => warnings.push(warning)
      process.on('warning', listen)
      stops.push(() => process.off('warning', listen))
      stops.push(
        onKeyEvent([server.origin], 'keys:refreshed', () => {
          throw new Error('no disk')
        }),
      )
      expect((await exportJWK(await keyFor('first'))).n).to.equal(first.n)
      await eventually(() => warnings.length > 0, 'the warning')
      expect(warnings[0]).to.have.property('code', 'INVERSIFY_KOA_AUTH_LISTENER')
    })
  })
})
