import { expect } from 'chai'
import {
  AllowAnonymous,
  allOf,
  anyOf,
  Controller,
  Get,
  group,
  not,
  OptionalAuthentication,
  Requires,
  RequiresGroup,
  RequiresPermission,
  RequiresRole,
  RequiresScope,
  RevocationCheck,
  role,
  SecurityContext,
  scope,
} from 'inversify-koa-auth'
import { after, before, describe, it } from 'mocha'
import { expectProblem, NO_TOKEN } from '../support/expect-problem.js'
import { kit, type RunningApp, startApp } from '../support/start-app.js'

@Controller('/orders')
@RequiresScope('orders:read')
class OrderController {
  @Get() list() {
    return 'listed'
  }

  @Get('/write')
  @RequiresScope('orders:write', 'orders:admin')
  @RequiresGroup('ops')
  @RequiresPermission('refund')
  @RequiresRole('clerk')
  write() {
    return 'written'
  }

  @Get('/combined')
  @Requires(anyOf(role('admin'), allOf(scope('orders:write'), group('ops'))))
  @Requires(not(role('trainee')))
  combined() {
    return 'combined'
  }

  @Get('/twice-negated')
  @Requires(not(not(scope('orders:cancel'))))
  twiceNegated() {
    return 'twice negated'
  }

  @Get('/open')
  @AllowAnonymous()
  open() {
    return 'open'
  }
}

@Controller('/reports')
@AllowAnonymous()
class ReportController {
  @Get() read() {
    return 'read'
  }

  @Get('/restricted')
  @RequiresGroup('analysts')
  restricted() {
    return 'restricted'
  }

  @Get('/optional')
  @OptionalAuthentication()
  optional() {
    return { groups: SecurityContext.getGroups() }
  }
}

class ParentController {
  @Get('/inherited')
  @RequiresPermission('see')
  inherited() {
    return 'inherited'
  }
}

@Controller('/child')
class ChildController extends ParentController {
  override inherited() {
    return super.inherited()
  }
}

@Controller('/context')
class ContextController {
  @Get('/holdings') holdings() {
    return {
      groups: SecurityContext.getGroups(),
      scopes: SecurityContext.getScopes(),
      permissions: SecurityContext.getPermissions(),
      isOps: SecurityContext.hasGroup('ops', 'desk'),
      mayRead: SecurityContext.hasScope('orders:read'),
      mayRefund: SecurityContext.hasPermission('refund'),
    }
  }

  @Get('/scope') scope() {
    SecurityContext.requireScope('deep', 'deeper')
    return 'deep'
  }

  @Get('/group') group() {
    SecurityContext.requireGroup('ops')
    return 'ops'
  }

  @Get('/permission') permission() {
    SecurityContext.requirePermission('refund')
    return 'refund'
  }

  @Get('/anonymous')
  @AllowAnonymous()
  anonymous() {
    SecurityContext.requireScope('deep')
    return 'never'
  }
}

const controllers = [OrderController, ReportController, ChildController, ContextController]
const everything = {
  scope: 'orders:read orders:write',
  groups: ['ops'],
  permissions: ['refund'],
  roles: ['clerk'],
}

describe('requirements in depth', () => {
  let app: RunningApp
  before(async () => {
    const check: RevocationCheck = { isRevoked: ({ jti }) => jti === 'revoked' }
    app = await startApp({ controllers, bind: (it) => void it.bind(RevocationCheck).toConstantValue(check) })
  })
  after(() => app.stop())

  const get = async (path: string, claims: object) =>
    app.get(path, { token: await kit.makeToken({ sub: 'ann', ...claims }) })

  for (const { path, claims, status } of [
    { path: '/orders', claims: { scope: 'orders:read' }, status: 200 },
    { path: '/orders', claims: { scp: 'x orders:read' }, status: 200 },
    { path: '/orders', claims: { scp: ['orders:read'] }, status: 200 },
    { path: '/orders', claims: { scope: 'orders:reader' }, status: 403 },
    { path: '/orders', claims: { scope: 'orders:*' }, status: 403 },
    { path: '/orders', claims: { scope: '*' }, status: 403 },
    { path: '/orders', claims: { scope: { 'orders:read': true } }, status: 403 },
    { path: '/orders', claims: { scope: ['orders:read orders:write'] }, status: 403 },
    { path: '/orders', claims: { roles: ['orders:read'], groups: ['orders:read'] }, status: 403 },
    { path: '/orders/write', claims: everything, status: 200 },
    { path: '/orders/write', claims: { ...everything, groups: 'ops' }, status: 403 },
    { path: '/orders/write', claims: { ...everything, permissions: 'refund' }, status: 403 },
    { path: '/orders/write', claims: { ...everything, scope: 'orders:read' }, status: 403 },
    { path: '/orders/write', claims: { ...everything, scope: 'orders:read orders:admin' }, status: 200 },
    { path: '/orders/combined', claims: { scope: 'orders:read', roles: ['admin'] }, status: 200 },
    { path: '/orders/combined', claims: { scope: 'orders:read orders:write', groups: ['ops'] }, status: 200 },
    { path: '/orders/combined', claims: { scope: 'orders:read orders:write' }, status: 403 },
    { path: '/orders/combined', claims: { roles: ['admin'] }, status: 403 },
    { path: '/orders/combined', claims: { scope: 'orders:read', roles: ['admin', 'trainee'] }, status: 403 },
    { path: '/reports/restricted', claims: { groups: ['analysts'] }, status: 200 },
    { path: '/reports/restricted', claims: {}, status: 403 },
    { path: '/child/inherited', claims: { permissions: ['see'] }, status: 200 },
    { path: '/child/inherited', claims: {}, status: 403 },
    { path: '/context/scope', claims: { scope: 'deeper' }, status: 200 },
    { path: '/context/group', claims: { groups: ['ops'] }, status: 200 },
    { path: '/context/group', claims: {}, status: 403 },
    { path: '/context/permission', claims: { permissions: ['refund'] }, status: 200 },
    { path: '/context/permission', claims: {}, status: 403 },
  ]) {
    it(`${path} is ${status} for ${JSON.stringify(claims)}`, async () => {
      expect((await get(path, claims)).status).to.equal(status)
    })
  }

  it('are open where a method says so', async () => {
    for (const path of ['/orders/open', '/reports', '/reports/optional']) {
      expect((await app.get(path)).status, path).to.equal(200)
    }
  })

  it('name everything that is missing at once', async () => {
    const problem = await expectProblem(await get('/orders/write', {}), {
      status: 403,
      code: 'insufficient_permissions',
      detail:
        'Requires one of scopes: orders:read; and one of scopes: orders:admin, orders:write; ' +
        'and one of groups: ops; and one of permissions: refund; and one of roles: clerk',
      challenge: 'Bearer error="insufficient_scope", scope="orders:read orders:admin orders:write"',
    })
    expect(problem['missing']).to.deep.equal({
      scopes: ['orders:read', 'orders:admin', 'orders:write'],
      roles: ['clerk'],
      permissions: ['refund'],
      groups: ['ops'],
    })
  })

  it('leave out what the caller has, inside of combinations too', async () => {
    const problem = await expectProblem(await get('/orders/combined', { scope: 'orders:read orders:write' }), {
      status: 403,
      detail: 'Requires any of (one of roles: admin; one of groups: ops)',
      challenge: 'Bearer error="insufficient_scope"',
    })
    expect(problem['missing']).to.deep.equal({ roles: ['admin'], groups: ['ops'] })
  })

  it('say what a caller is that must not be', async () => {
    const held = { scope: 'orders:read', roles: ['admin', 'trainee'] }
    const problem = await expectProblem(await get('/orders/combined', held), {
      status: 403,
      detail: 'Requires none of roles: trainee',
      challenge: 'Bearer error="insufficient_scope"',
    })
    expect(problem).not.to.have.property('missing')
  })

  it('say what is missing where a caller must not be without it', async () => {
    const problem = await expectProblem(await get('/orders/twice-negated', { scope: 'orders:read' }), {
      status: 403,
      detail: 'Requires one of scopes: orders:cancel',
      challenge: 'Bearer error="insufficient_scope", scope="orders:cancel"',
    })
    expect(problem['missing']).to.deep.equal({ scopes: ['orders:cancel'] })
    const challenge = 'Bearer scope="orders:read orders:cancel"'
    await expectProblem(await app.get('/orders/twice-negated'), { ...NO_TOKEN, challenge })
    expect((await get('/orders/twice-negated', { scope: 'orders:read orders:cancel' })).status).to.equal(200)
  })

  it('tell callers without a token which scopes to ask for', async () => {
    const challenge = 'Bearer scope="orders:read orders:admin orders:write"'
    await expectProblem(await app.get('/orders/write'), { ...NO_TOKEN, challenge })
    await expectProblem(await app.get('/context/anonymous'), { ...NO_TOKEN, challenge: 'Bearer scope="deep"' })
    await expectProblem(await app.get('/reports/restricted'), NO_TOKEN)
  })

  for (const { what, make, detail } of [
    { what: 'expired', make: () => kit.makeToken({}, { expiresIn: '-1h' }), detail: 'Token has expired' },
    {
      what: 'misdirected',
      make: () => kit.makeToken({ aud: 'other' }),
      detail: 'Invalid token: it is meant for another audience',
    },
    {
      what: 'forged',
      make: () => kit.makeToken({}, { kid: 'forged' }),
      detail: 'Invalid token: no key of the issuer matches it',
    },
    { what: 'revoked', make: () => kit.makeToken({ jti: 'revoked' }), detail: 'Invalid token: it has been revoked' },
  ]) {
    it(`tell callers with a token that is ${what} the same, each what its route asks for`, async () => {
      const token = await make()
      const refused = (challenge: string) => ({ status: 401, detail, challenge })
      const [write, list, restricted, optional] = await Promise.all(
        ['/orders/write', '/orders', '/reports/restricted', '/reports/optional'].map((path) =>
          app.get(path, { token }),
        ),
      )
      const writeScopes = 'orders:read orders:admin orders:write'
      await expectProblem(write as Response, refused(`Bearer error="invalid_token", scope="${writeScopes}"`))
      await expectProblem(list as Response, refused('Bearer error="invalid_token", scope="orders:read"'))
      for (const response of [restricted, optional]) {
        await expectProblem(response as Response, refused('Bearer error="invalid_token"'))
      }
    })
  }

  it('are no business of credentials that can not be read', async () => {
    await expectProblem(await app.get('/orders', { headers: { authorization: 'Bearer a b' } }), {
      status: 400,
      detail: 'Malformed Authorization header: expected Bearer and a single token',
      challenge: 'Bearer error="invalid_request"',
    })
  })

  it('are the same in the context', async () => {
    const response = await get('/context/holdings', everything)
    expect(await response.json()).to.deep.equal({
      groups: ['ops'],
      scopes: ['orders:read', 'orders:write'],
      permissions: ['refund'],
      isOps: true,
      mayRead: true,
      mayRefund: true,
    })
    await expectProblem(await get('/context/scope', {}), {
      status: 403,
      detail: 'Requires one of scopes: deep, deeper',
      challenge: 'Bearer error="insufficient_scope", scope="deep deeper"',
    })
  })

  it('make no difference between nobody and everybody without a token, whatever is asked', async () => {
    expect(await (await app.get('/reports/optional')).json()).to.deep.equal({ groups: [] })
  })
})

describe('requirements with wildcards in scopes', () => {
  let app: RunningApp
  before(async () => {
    app = await startApp({ controllers, settings: { scopeWildcards: true } })
  })
  after(() => app.stop())

  for (const { granted, status } of [
    { granted: 'orders:*', status: 200 },
    { granted: '*', status: 200 },
    { granted: 'orders:read:*', status: 200 },
    { granted: 'orders*', status: 403 },
    { granted: 'orders:re*', status: 403 },
    { granted: '*:read', status: 403 },
    { granted: 'order:*', status: 403 },
  ]) {
    it(`a granted ${granted} is ${status} where orders:read is required`, async () => {
      const token = await kit.makeToken({ sub: 'ann', scope: granted })
      expect((await app.get('/orders', { token })).status).to.equal(status)
    })
  }
})

describe('requirements that clients are not told', () => {
  it('stay out of the challenge with and without a token', async () => {
    const app = await startApp({ controllers, settings: { errorDetail: 'minimal' } })
    try {
      await expectProblem(await app.get('/orders/write'), NO_TOKEN)
      await expectProblem(await app.get('/orders/write', { token: await kit.makeToken({}, { expiresIn: '-1h' }) }), {
        status: 401,
        detail: 'Token has expired',
        challenge: 'Bearer error="invalid_token"',
      })
      const response = await app.get('/orders/write', { token: await kit.makeToken({ sub: 'ann' }) })
      const problem = await expectProblem(response, {
        status: 403,
        detail: 'Insufficient permissions',
        challenge: 'Bearer error="insufficient_scope"',
      })
      expect(problem).not.to.have.property('missing')
    } finally {
      await app.stop()
    }
  })
})
