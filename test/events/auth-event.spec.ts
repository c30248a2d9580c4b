import { channel, subscribe, unsubscribe } from 'node:diagnostics_channel'
import { expect } from 'chai'
import { afterEach, beforeEach, describe, it } from 'mocha'
import { onAuthEvent, publish } from '../../src/events/auth-event.js'
import type { AuthEventName } from '../../src/events/auth-event-types.js'
import { subjectHash } from '../../src/events/subject-hash.js'
import { unhandledRejections } from '../support/unhandled-rejections.js'

const NAMES: readonly AuthEventName[] = [
  'authenticated',
  'rejected',
  'denied',
  'keys:refreshed',
  'keys:refresh-failed',
  'keys:served-stale',
  'revocation:refreshed',
  'revocation:refresh-failed',
]
const EVENT = { subjectHash: 'a', kid: 'b', route: 'GET /' }

describe('an event', () => {
  const stops: (() => void)[] = []
  const warnings: (Error & { code?: string })[] = []
  const warned = (warning: Error) => warnings.push(warning)

  beforeEach(() => {
    warnings.length = 0
    process.on('warning', warned)
  })
  afterEach(() => {
    for (const stop of stops.splice(0)) stop()
    process.off('warning', warned)
  })
  it('is one of those that are known: of any other, nobody would ever hear', () => {
    for (const name of ['reject', 'toString']) {
      const listening = () => onAuthEvent(name as AuthEventName, () => undefined)
      expect(listening).to.throw(TypeError, `${name} is not an event; known are authenticated, rejected, denied`)
    }
  })

  for (const name of NAMES) {
    it(`is published under its name on node:diagnostics_channel: ${name}`, () => {
      const seen: unknown[] = []
      const subscriber = (message: unknown, channelName: string | symbol) => seen.push([channelName, message])
      subscribe(`inversify-koa-auth:${name}`, subscriber)
      stops.push(() => unsubscribe(`inversify-koa-auth:${name}`, subscriber))
      publish(name, () => ({ ...EVENT }) as never)
      expect(seen).to.deep.equal([[`inversify-koa-auth:${name}`, EVENT]])
    })
  }

  it('is not even made while nobody listens, nor when nobody listens any more', () => {
    let made = 0
    const make = () => {
      made++
      return EVENT
    }
    expect(channel('inversify-koa-auth:authenticated').hasSubscribers).to.equal(false)
    publish('authenticated', make)
    expect(made).to.equal(0)
    const stop = onAuthEvent('authenticated', () => undefined)
    onAuthEvent('rejected', () => undefined)()
    publish('authenticated', make)
    expect(made).to.equal(1)
    stop()
    publish('authenticated', make)
    expect(made).to.equal(1)
    expect(channel('inversify-koa-auth:authenticated').hasSubscribers).to.equal(false)
  })

  it('reaches every listener of its name, frozen, and no other', () => {
    const seen: unknown[] = []
    stops.push(onAuthEvent('authenticated', (event) => seen.push(event)))
    stops.push(onAuthEvent('authenticated', (event) => seen.push(event)))
    stops.push(onAuthEvent('rejected', () => seen.push('rejected')))
    publish('authenticated', () => ({ ...EVENT }))
    expect(seen).to.deep.equal([EVENT, EVENT])
    expect(seen[0]).to.be.frozen.and.equal(seen[1])
  })

  it('reaches a listener no more after it has unsubscribed, once or twice', () => {
    const seen: string[] = []
    const stop = onAuthEvent('authenticated', () => seen.push('stopped'))
    stops.push(onAuthEvent('authenticated', () => seen.push('kept')))
    stop()
    stop()
    publish('authenticated', () => EVENT)
    expect(seen).to.deep.equal(['kept'])
  })

  const failures: readonly { what: string; listener: () => unknown }[] = [
    {
      what: 'throws',
      listener: () => {
        throw new Error('no disk')
      },
    },
    { what: 'rejects', listener: async () => Promise.reject(new Error('no disk')) },
    {
      what: 'throws a text',
      listener: () => {
        throw 'no disk'
      },
    },
    { what: 'rejects with nothing', listener: () => Promise.reject(undefined) },
    {
      what: 'throws what has no text',
      listener: () => {
        throw Object.create(null)
      },
    },
    {
      what: 'throws what throws when it is made a text',
      listener: () => {
        throw {
          toString: () => {
            throw new Error('again')
          },
        }
      },
    },
    { what: 'throws a symbol', listener: () => Promise.reject(Symbol('no disk')) },
  ]
  for (const { what, listener } of failures) {
    it(`hurts nobody when a listener ${what}: one process warning tells of it`, async () => {
      const seen: unknown[] = []
      stops.push(onAuthEvent('authenticated', listener))
      stops.push(onAuthEvent('authenticated', (event) => seen.push(event)))
      const unhandled = await unhandledRejections(async () => publish('authenticated', () => EVENT))
      expect(unhandled).to.deep.equal([])
      expect(seen).to.have.length(1)
      expect(warnings.map(({ name, code }) => ({ name, code }))).to.deep.equal([
        { name: 'AuthEventWarning', code: 'INVERSIFY_KOA_AUTH_LISTENER' },
      ])
      expect(warnings[0]?.message).to.include('inversify-koa-auth:authenticated')
    })
  }
})

describe('the hash of a subject', () => {
  it('is the same for the same subject, another for another, and tells nothing else', () => {
    expect(subjectHash('ann'))
      .to.equal(subjectHash('ann'))
      .and.match(/^[A-Za-z0-9_-]{22}$/)
    expect(subjectHash('ann')).not.to.equal(subjectHash('Ann'))
    expect(subjectHash('')).to.match(/^[A-Za-z0-9_-]{22}$/)
    expect(subjectHash('ann')).not.to.include('ann')
  })
})
