import { expect } from 'chai'
import { afterEach, beforeEach, describe, it } from 'mocha'
import { RevocationList, type RevocationSettings } from '../../src/authentication/revocation-list.js'
import { SecurityContext } from '../../src/context/security-context.js'
import { RevocationUnavailableError } from '../../src/errors/revocation-unavailable-error.js'
import { onAuthEvent } from '../../src/events/auth-event.js'
import { eventually } from '../keys/eventually.js'
import { json, LocalServer, status } from '../keys/local-server.js'
import { aPrincipal } from '../support/a-principal.js'

describe('the list of revoked tokens', () => {
  let server: LocalServer
  let list: RevocationList
  let clock: number
  beforeEach(async () => {
    clock = 0
    server = await LocalServer.start(json({ items: [{ jti: 'bad' }] }))
    list = newList()
  })
  afterEach(async () => {
    list.close()
    await server.close()
  })

  const newList = (given: Partial<RevocationSettings> = {}) =>
    new RevocationList(
      {
        revocationEndpoint: `${server.origin}/revoked`,
        revocationTtlSeconds: 1,
        revocationBearer: '',
        revocationFailOpen: false,
        jwksTimeoutMs: 1000,
        ...given,
      },
      () => clock,
    )
  const replaced = (given: Partial<RevocationSettings>) => {
    list.close()
    list = newList(given)
  }
  const isRevoked = async (jti: string) => list.isRevoked({ jti })
  const polls = (count: number) => eventually(() => server.requests.length >= count, `${count} polls`)
  const unavailable = async (jti: string) => {
    const outcome = await isRevoked(jti).then(
      () => undefined,
      (error: unknown) => error,
    )
    expect(outcome).to.be.instanceOf(RevocationUnavailableError)
    return outcome as RevocationUnavailableError
  }

  for (const document of [
    { items: [{ jti: 'bad' }, { jti: 'worse' }] },
    ['bad', 'worse'],
    { items: ['bad', 'worse'] },
  ]) {
    it(`is read from ${JSON.stringify(document)}`, async () => {
      server.answer = json(document)
      expect(await isRevoked('bad')).to.equal(true)
      expect(await isRevoked('worse')).to.equal(true)
      expect(await isRevoked('good')).to.equal(false)
    })
  }

  for (const document of [{}, null, 'bad', { items: {} }, { items: [{}] }, [5], [null], { items: [{ jti: 5 }] }]) {
    it(`is not believed when it is ${JSON.stringify(document)}`, async () => {
      server.answer = json(document)
      await unavailable('good')
    })
  }

  it('is fetched once for all who come while nothing is there, and answers from memory then', async () => {
    await Promise.all(Array.from({ length: 50 }, () => isRevoked('good')))
    expect(server.requests.length).to.equal(1)
    expect(list.isRevoked({ jti: 'bad' })).to.equal(true)
    expect(server.requests.length).to.equal(1)
  })

  it('is not even fetched for tokens without a jti: they pass', () => {
    expect(list.isRevoked({ jti: '' })).to.equal(false)
    expect(server.requests.length).to.equal(0)
  })

  it('is polled in the background, and a newer list replaces the older', async () => {
    await list.warmUp()
    server.answer = json(['worse'])
    await polls(2)
    await eventually(() => list.isRevoked({ jti: 'worse' }) === true, 'the newer list')
    expect(list.isRevoked({ jti: 'bad' })).to.equal(false)
  })

  it('is kept while the endpoint is down, for twice the TTL and no longer', async () => {
    await list.warmUp()
    server.answer = status(500)
    clock = 2000
    expect(await isRevoked('bad')).to.equal(true)
    expect(await isRevoked('good')).to.equal(false)
    clock = 2001
    expect((await unavailable('good')).headers).to.deep.equal({ 'Retry-After': '1' })
    expect((await unavailable('bad')).status).to.equal(503)
    expect(list.isRevoked({ jti: '' })).to.equal(false)
  })

  it('counts again as soon as the endpoint is back, whoever asks', async () => {
    server.answer = status(500)
    await unavailable('good')
    server.answer = json([])
    await eventually(async () => (await isRevoked('good').catch(() => true)) === false, 'the recovery')
  })

  it('that never came refuses everybody with a jti, or nobody when told to fail open', async () => {
    server.answer = status(500)
    await unavailable('good')
    replaced({ revocationFailOpen: true })
    await list.warmUp()
    expect(await isRevoked('good')).to.equal(false)
  })

  it('that never came makes nobody wait again once it has failed, when told to fail open', async () => {
    server.answer = () => undefined
    replaced({ revocationFailOpen: true, jwksTimeoutMs: 300 })
    await list.warmUp()
    await polls(2)
    expect(list.isRevoked({ jti: 'good' })).to.equal(false)
  })

  it('makes the first who ask wait for it, also when told to fail open', async () => {
    replaced({ revocationFailOpen: true })
    expect(await isRevoked('bad')).to.equal(true)
    expect(await isRevoked('good')).to.equal(false)
  })

  it('is judged by even when it is old, when told to fail open', async () => {
    replaced({ revocationFailOpen: true })
    await list.warmUp()
    clock = 1_000_000
    expect(await isRevoked('bad')).to.equal(true)
    expect(await isRevoked('good')).to.equal(false)
  })

  it('is asked for with the bearer, which never shows', async () => {
    replaced({ revocationBearer: 's3cret' })
    await list.warmUp()
    expect(server.authorization).to.equal('Bearer s3cret')
    server.answer = status(403)
    const reasons: string[] = []
    const stop = onAuthEvent('revocation:refresh-failed', ({ reason }) => reasons.push(reason))
    await eventually(() => reasons.some((reason) => reason.includes('403')), 'the failure')
    stop()
    expect(reasons.join()).not.to.include('s3cret')
  })

  it('is polled no more once it is closed', async () => {
    await list.warmUp()
    list.close()
    await new Promise((resolve) => setTimeout(resolve, 1200))
    expect(server.requests.length).to.equal(1)
  })

  it('is polled on behalf of no caller, whoever was the first to ask', async () => {
    const callers: unknown[] = []
    const stop = onAuthEvent('revocation:refreshed', () => callers.push(SecurityContext.get()?.sub))
    const sub = await SecurityContext.run(aPrincipal({ sub: 'ann' }), async () => {
      await isRevoked('good')
      return SecurityContext.get()?.sub
    })
    await eventually(() => callers.length === 2, 'two polls')
    stop()
    expect([sub, ...callers]).to.deep.equal(['ann', undefined, undefined])
  })

  it('says when it was refreshed, and how long it is', async () => {
    const entries: number[] = []
    const stop = onAuthEvent('revocation:refreshed', (event) => entries.push(event.entries))
    await list.warmUp()
    stop()
    expect(entries).to.deep.equal([1])
  })
})
