import { expect } from 'chai'
import { AllowAnonymous, Controller, Get, RequiresGroup, RequiresRole } from 'inversify-koa-auth'
import { expectAllowed, expectDenied } from 'inversify-koa-auth/testing'
import { after, before, describe, it } from 'mocha'
import { kit, type RunningApp, startApp } from '../support/start-app.js'

@Controller('/drafts')
class DraftController {
  @Get('/open')
  @AllowAnonymous()
  open() {
    return 'open'
  }

  @Get('/mine')
  @RequiresRole('editor', 'admin')
  @RequiresGroup('press')
  mine() {
    return 'mine'
  }
}

describe('an expectation', () => {
  let app: RunningApp
  before(async () => {
    app = await startApp({ controllers: [DraftController] })
  })
  after(() => app.stop())

  const refused = async () => app.get('/drafts/mine', { token: await kit.makeToken({ sub: 'ann' }) })
  const failure = async (work: Promise<void>): Promise<string> =>
    work.then(
      () => 'nothing',
      (error: Error) => error.message,
    )

  it('of a refusal is met by the status, and by all that is asked of it', async () => {
    await expectDenied(await app.get('/drafts/mine')).with(401)
    await expectDenied(await app.get('/drafts/mine')).with(401, {
      code: 'token_missing',
      detail: /Authorization header/,
    })
    await expectDenied(await refused()).with(403)
    await expectDenied(await refused()).with(403, {
      code: 'insufficient_permissions',
      detail: 'Requires one of roles: admin, editor; and one of groups: press',
      missing: { groups: ['press'], roles: ['editor', 'admin'] },
    })
  })

  it('of a refusal says what came instead', async () => {
    expect(await failure(expectDenied(await app.get('/drafts/open')).with(403))).to.equal(
      'Expected a refusal with 403: the status is 200',
    )
    expect(await failure(expectDenied(await refused()).with(401, { code: 'token_expired' }))).to.equal(
      'Expected a refusal with 401: the status is 403; the code is "insufficient_permissions", not token_expired',
    )
    expect(await failure(expectDenied(await refused()).with(403, { missing: { roles: ['admin'] } }))).to.equal(
      'Expected a refusal with 403: missing is {"roles":["admin","editor"],"groups":["press"]}, not {"roles":["admin"]}',
    )
    expect(await failure(expectDenied(await refused()).with(403, { missing: {} }))).to.contain('missing is {')
    expect(await failure(expectDenied(await refused()).with(403, { detail: 'Requires' }))).to.contain('the detail is ')
  })

  it('of a refusal is not met by just any answer with the status', async () => {
    const bare = new Response('Forbidden', { status: 403 })
    expect(await failure(expectDenied(bare).with(403))).to.equal(
      'Expected a refusal with 403: the body is no problem document',
    )
    const unchallenged = new Response('{"detail":"no"}', { status: 401 })
    expect(await failure(expectDenied(unchallenged).with(401))).to.contain('there is no WWW-Authenticate header')
    expect(await failure(expectDenied(new Response('null', { status: 403 })).with(403, { code: 'x' }))).to.contain(
      'the code is absent, not x',
    )
  })

  it('of being let in is met by whatever a handler answers', async () => {
    await expectAllowed(await app.get('/drafts/open'))
    await expectAllowed(new Response('', { status: 404 }))
    expect(await failure(expectAllowed(await refused()))).to.match(
      /^Expected to be let in, but got 403: Requires one of/,
    )
    expect(await failure(expectAllowed(new Response('no', { status: 503 })))).to.equal(
      'Expected to be let in, but got 503',
    )
  })
})
