import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect } from 'chai'
import {
  AllowAnonymous,
  type AuthEventName,
  type AuthEvents,
  Controller,
  Get,
  OptionalAuthentication,
  onAuthEvent,
  Param,
  RequiresRole,
  SecurityContext,
} from 'inversify-koa-auth'
import { generateSigningKeyPair } from 'inversify-koa-auth/testing'
import { after, afterEach, before, describe, it } from 'mocha'
import { kit, type RunningApp, startApp } from '../support/start-app.js'

@Controller('/reports')
class ReportController {
  @Get('/open')
  @AllowAnonymous()
  open() {
    return {}
  }

  @Get('/greeting')
  @OptionalAuthentication()
  greeting() {
    return {}
  }

  @Get('/all')
  @RequiresRole('auditor', 'admin')
  all() {
    return {}
  }

  @Get('/deep')
  async deep() {
    await nextTurn()
    await Promise.all([
      nextTurn().then(() => SecurityContext.requireRole('chief')),
      nextTurn().then(() => SecurityContext.require()),
    ])
    return {}
  }

  @Get('/:id')
  find(@Param('id') id: string) {
    return { id }
  }
}

/** Values that stand in the tokens of this suite and have no business in an event. */
const SECRETS = { sub: 'secret-subject', email: 'secret@example.com', jti: 'secret-jti', org_id: 'secret-org' }

describe('what the security layer tells of requests', () => {
  let app: RunningApp
  const events: { readonly name: AuthEventName; readonly event: Readonly<Record<string, unknown>> }[] = []
  const stops: (() => void)[] = []

  before(async () => {
    app = await startApp({ controllers: [ReportController] })
    for (const name of ['authenticated', 'rejected', 'denied'] as const) {
      stops.push(onAuthEvent(name, (event) => events.push({ name, event: { ...event } })))
    }
  })
  after(async () => {
    for (const stop of stops) stop()
    await app.stop()
  })
  afterEach(() => events.splice(0))

  const of = <Name extends AuthEventName>(name: Name) =>
    events.filter((each) => each.name === name).map(({ event }) => event as unknown as AuthEvents[Name])
  const names = () => events.map(({ name }) => name)

  it('is who was recognised: by hash, with the key and the route, on every sight of the token', async () => {
    const token = await kit.makeToken({ ...SECRETS, role: 'auditor' })
    for (const path of ['/reports/all', '/reports/7', '/reports/greeting']) await app.get(path, { token })
    expect(names()).to.deep.equal(['authenticated', 'authenticated', 'authenticated'])
    const [first, second, third] = of('authenticated')
    expect(first).to.have.all.keys('subjectHash', 'kid', 'route')
    expect(first).to.include({ kid: kit.keyPair.kid, route: 'GET /reports/all' })
    expect(second).to.deep.equal({ ...first, route: 'GET /reports/:id' })
    expect(third).to.deep.equal({ ...first, route: 'GET /reports/greeting' })
  })

  it('is the same hash for the same caller with another token, and another one for somebody else', async () => {
    for (const sub of ['ann', 'ann', 'bob']) await app.get('/reports/7', { token: await kit.makeToken({ sub }) })
    const [a, b, c] = of('authenticated').map((event) => event.subjectHash)
    expect(a).to.equal(b).and.not.equal(c)
  })

  it('is nothing at all where nobody has to be recognised', async () => {
    const token = await kit.makeToken()
    await app.get('/reports/open', { token })
    await app.get('/reports/open')
    await app.get('/reports/greeting')
    expect(events).to.deep.equal([])
  })

  it('names no route where there is none', async () => {
    await app.get('/nowhere', { token: await kit.makeToken() })
    await app.get('/nowhere')
    expect(names()).to.deep.equal(['authenticated', 'rejected'])
    for (const { event } of events) expect(event).to.have.property('route', undefined)
  })

  const rejections: readonly {
    what: string
    reason: string
    kid?: unknown
    token: () => Promise<string | undefined>
  }[] = [
    { what: 'no token', reason: 'token_missing', kid: undefined, token: async () => undefined },
    { what: 'an opaque token', reason: 'token_malformed', kid: undefined, token: async () => 'opaque' },
    { what: 'an expired token', reason: 'token_expired', token: () => kit.makeToken(SECRETS, { expiresIn: -60 }) },
    {
      what: 'a token for somebody else',
      reason: 'audience_mismatch',
      token: () => kit.makeToken({ ...SECRETS, aud: 'secret-audience' }),
    },
    {
      what: 'a token of an unknown key',
      reason: 'key_unknown',
      kid: 'forged',
      token: () => kit.makeToken(SECRETS, { kid: 'forged' }),
    },
    {
      what: 'a token with a long key id',
      reason: 'key_unknown',
      kid: 'k'.repeat(128),
      token: () => kit.makeToken(SECRETS, { kid: 'k'.repeat(1000) }),
    },
    {
      what: 'a token with a key id that is no text',
      reason: 'token_malformed',
      kid: undefined,
      token: () => kit.makeToken(SECRETS, { header: { kid: { a: 1 } } }),
    },
    {
      what: 'a token with a subject that is no text',
      reason: 'claim_malformed',
      token: () => kit.makeToken({ ...SECRETS, sub: { name: 'secret' } }),
    },
    {
      what: 'a forged token',
      reason: 'signature_mismatch',
      token: async () => kit.makeToken(SECRETS, { key: await generateSigningKeyPair() }),
    },
    { what: 'two tokens', reason: 'bearer_malformed', token: async () => `a ${await kit.makeToken(SECRETS)}` },
    {
      what: 'a token whose header is null',
      reason: 'token_malformed',
      kid: undefined,
      token: async () => 'bnVsbA.bnVsbA.AAAA',
    },
    { what: 'a token that is too long', reason: 'token_too_long', kid: undefined, token: async () => 'a'.repeat(9000) },
  ]
  for (const { what, reason, token, ...expected } of rejections) {
    it(`is why credentials were refused: ${what}`, async () => {
      const sent = await token()
      const response = await app.get('/reports/7', sent === undefined ? {} : { token: sent })
      expect(names()).to.deep.equal(['rejected'])
      const [event] = of('rejected')
      expect(event).to.have.all.keys('reason', 'kid', 'subjectHash', 'route')
      expect(event).to.include({ reason, route: 'GET /reports/:id' })
      expect(event?.kid).to.equal('kid' in expected ? expected.kid : kit.keyPair.kid)
      expect(((await response.json()) as { code: string }).code).to.equal(reason)
      const text = JSON.stringify(event)
      expect(text).not.to.match(/secret/)
      if (sent !== undefined)
        for (const part of sent.split(/[. ]/)) expect(text.includes(part) && part.length > 3).to.equal(false)
    })
  }

  it('is the same hash for a caller who was refused as for one who was recognised', async () => {
    await app.get('/reports/7', { token: await kit.makeToken({ sub: 'ann' }) })
    await app.get('/reports/7', { token: await kit.makeToken({ sub: 'ann' }, { expiresIn: -60 }) })
    expect(of('rejected')[0]?.subjectHash).to.equal(of('authenticated')[0]?.subjectHash)
  })

  it('is who was denied what: the audit trail, with the roles held and the roles that were missing', async () => {
    await app.get('/reports/all', {
      token: await kit.makeToken({ ...SECRETS, sub: 'vic', role: ['viewer', 'editor'] }),
    })
    expect(names()).to.deep.equal(['authenticated', 'denied'])
    expect(of('denied')[0]).to.deep.equal({
      subject: 'vic',
      roles: ['viewer', 'editor'],
      missing: { roles: ['admin', 'auditor'] },
      route: 'GET /reports/all',
    })
    expect(JSON.stringify(events)).not.to.include('secret')
  })

  it('is who was denied deep inside the application, with the same route', async () => {
    const response = await app.get('/reports/deep', { token: await kit.makeToken({ sub: 'vic', role: 'viewer' }) })
    expect(response.status).to.equal(403)
    expect(of('denied')).to.deep.equal([
      { subject: 'vic', roles: ['viewer'], missing: { roles: ['chief'] }, route: 'GET /reports/deep' },
    ])
  })

  it('never holds the token or a claim but what denial names', async () => {
    // With a full stop: no key id and no hash can hold it by chance.
    const sub = 'vic.viewer'
    for (const path of ['/reports/all', '/reports/deep', '/reports/7']) {
      for (const options of [{}, { expiresIn: -60 }, { kid: 'forged' }, { header: { alg: 'none' } }]) {
        const token = await kit.makeToken({ ...SECRETS, sub, groups: ['secret-group'] }, options)
        await app.get(path, { token })
        const text = JSON.stringify(events)
        expect(text).not.to.include('secret')
        for (const part of token.split('.')) if (part !== '') expect(text).not.to.include(part)
        expect(JSON.stringify(events.filter(({ name }) => name !== 'denied'))).not.to.include(sub)
      }
    }
    expect(new Set(names())).to.deep.equal(new Set(['authenticated', 'rejected', 'denied']))
  })

  it('cannot be changed by a listener, and so cannot change the answer', async () => {
    const stop = onAuthEvent('denied', (event) => {
      const { roles, missing } = event as unknown as { roles: string[]; missing: { roles?: string[] } }
      for (const list of [roles, missing.roles]) {
        try {
          list?.push('invented')
        } catch {}
      }
      try {
        missing.roles = []
      } catch {}
    })
    try {
      const token = await kit.makeToken({ sub: 'vic', role: 'viewer' })
      const response = await app.get('/reports/all', { token })
      expect(await response.json()).to.deep.include({ status: 403, missing: { roles: ['admin', 'auditor'] } })
    } finally {
      stop()
    }
  })

  it('leaves a request as it is when a listener throws, whatever its outcome', async () => {
    const warnings: (Error & { code?: string })[] = []
    const warned = (warning: Error) => warnings.push(warning)
    process.on('warning', warned)
    const failing = (['authenticated', 'rejected', 'denied'] as const).map((name) =>
      onAuthEvent(name, () => {
        throw new Error('no disk')
      }),
    )
    try {
      for (const { role, expiresIn, status } of [
        { role: 'auditor', expiresIn: 60, status: 200 },
        { role: 'viewer', expiresIn: 60, status: 403 },
        { role: 'auditor', expiresIn: -60, status: 401 },
      ]) {
        const response = await app.get('/reports/all', { token: await kit.makeToken({ role }, { expiresIn }) })
        expect(response.status).to.equal(status)
      }
      await nextTurn()
      expect(warnings.map(({ code }) => code)).to.deep.equal(Array(4).fill('INVERSIFY_KOA_AUTH_LISTENER'))
      expect(app.errors).to.deep.equal([])
    } finally {
      for (const stop of failing) stop()
      process.off('warning', warned)
    }
  })
})
