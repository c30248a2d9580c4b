import { expect } from 'chai'
import {
  AllowAnonymous,
  Authenticated,
  Controller,
  Get,
  OptionalAuthentication,
  RequiresRole,
  RouteTable,
  SecurityContext,
} from 'inversify-koa-auth'
import { after, before, describe, it } from 'mocha'
import { kit, type RunningApp, startApp } from '../support/start-app.js'

/** What a route answers with: who it thinks is calling. */
function caller(): { readonly sub: string | null } {
  return { sub: SecurityContext.get()?.sub ?? null }
}

@Controller('/undecorated')
class UndecoratedController {
  @Get() get() {
    return caller()
  }
}

@Controller('/class-and-method')
@RequiresRole('staff')
class ClassAndMethodController {
  @Get('/class') class() {
    return caller()
  }

  @Get('/both')
  @RequiresRole('editor', 'chief')
  both() {
    return caller()
  }

  @Get('/several')
  @RequiresRole('editor', 'chief')
  @RequiresRole('night')
  @Authenticated()
  several() {
    return caller()
  }

  @Get('/open')
  @AllowAnonymous()
  open() {
    return caller()
  }

  @Get('/optional')
  @OptionalAuthentication()
  optional() {
    return caller()
  }
}

@Controller('/two-on-class')
@RequiresRole('staff')
@RequiresRole('night')
class TwoOnClassController {
  @Get() get() {
    return caller()
  }
}

@Controller('/open-class')
@AllowAnonymous()
class OpenClassController {
  @Get('/open') open() {
    return caller()
  }

  @Get('/closed')
  @Authenticated()
  closed() {
    return caller()
  }

  @Get('/admin')
  @RequiresRole('admin')
  admin() {
    return caller()
  }

  @Get('/optional')
  @OptionalAuthentication()
  optional() {
    return caller()
  }
}

@Controller('/optional-class')
@OptionalAuthentication()
class OptionalClassController {
  @Get('/open') open() {
    return caller()
  }

  @Get('/admin')
  @RequiresRole('admin')
  admin() {
    return caller()
  }
}

@RequiresRole('staff')
abstract class StaffController {
  @Get('/inherited')
  @RequiresRole('editor')
  inherited() {
    return caller()
  }

  @Get('/overridden')
  @RequiresRole('editor')
  overridden() {
    return caller()
  }

  @Get('/narrowed')
  @RequiresRole('editor')
  narrowed() {
    return caller()
  }

  @Get('/opening')
  @AllowAnonymous()
  opening() {
    return caller()
  }

  @Get('/inherited-opening')
  @AllowAnonymous()
  inheritedOpening() {
    return caller()
  }

  @Get('/inherited-optional')
  @OptionalAuthentication()
  inheritedOptional() {
    return caller()
  }

  @Get('/reopened')
  @AllowAnonymous()
  reopened() {
    return caller()
  }
}

@Controller('/sub')
class SubController extends StaffController {
  override overridden() {
    return caller()
  }

  @RequiresRole('chief')
  override narrowed() {
    return caller()
  }

  override opening() {
    return caller()
  }

  @AllowAnonymous()
  override reopened() {
    return caller()
  }

  @Get('/added') added() {
    return caller()
  }
}

@AllowAnonymous()
class OpenParentController {
  @Get('/get') get() {
    return caller()
  }
}

@Controller('/of-open-parent')
class OfOpenParentController extends OpenParentController {}

@Controller('/parent')
@RequiresRole('parent')
class ParentController {
  @Get('/get') get() {
    return caller()
  }
}

/** Three generations: restrictions of all of them add up. */
@Controller('/grandchild')
@RequiresRole('grandchild')
class GrandchildController extends class ChildController extends ParentController {
  override get() {
    return caller()
  }
} {}

const OPEN = [200, 200] as const

describe('requirements', () => {
  let app: RunningApp

  before(async () => {
    app = await startApp({
      controllers: [
        UndecoratedController,
        ClassAndMethodController,
        TwoOnClassController,
        OpenClassController,
        OptionalClassController,
        SubController,
        OfOpenParentController,
        ParentController,
        GrandchildController,
      ],
    })
  })
  after(() => app.stop())

  /** Each row: the status for nobody and for a caller without roles, then the roles that do and that don't do. */
  const rows: readonly {
    readonly path: string
    readonly nobody: number
    readonly anyone: number
    readonly enough?: readonly (readonly string[])[]
    readonly tooLittle?: readonly (readonly string[])[]
  }[] = [
    { path: '/undecorated', nobody: 401, anyone: 200 },
    { path: '/class-and-method/class', nobody: 401, anyone: 403, enough: [['staff']], tooLittle: [['editor']] },
    {
      path: '/class-and-method/both',
      nobody: 401,
      anyone: 403,
      enough: [
        ['staff', 'editor'],
        ['chief', 'staff'],
      ],
      tooLittle: [['staff'], ['editor'], ['editor', 'chief']],
    },
    {
      path: '/class-and-method/several',
      nobody: 401,
      anyone: 403,
      enough: [['staff', 'chief', 'night']],
      tooLittle: [
        ['staff', 'chief'],
        ['staff', 'night'],
        ['editor', 'night'],
      ],
    },
    {
      path: '/two-on-class',
      nobody: 401,
      anyone: 403,
      enough: [['night', 'staff']],
      tooLittle: [['night'], ['staff']],
    },
    { path: '/open-class/closed', nobody: 401, anyone: 200 },
    { path: '/open-class/admin', nobody: 401, anyone: 403, enough: [['admin']], tooLittle: [['staff']] },
    { path: '/optional-class/admin', nobody: 401, anyone: 403, enough: [['admin']], tooLittle: [['staff']] },
    {
      path: '/sub/inherited',
      nobody: 401,
      anyone: 403,
      enough: [['staff', 'editor']],
      tooLittle: [['staff'], ['editor']],
    },
    {
      path: '/sub/overridden',
      nobody: 401,
      anyone: 403,
      enough: [['staff', 'editor']],
      tooLittle: [['staff'], ['editor']],
    },
    {
      path: '/sub/narrowed',
      nobody: 401,
      anyone: 403,
      enough: [['staff', 'editor', 'chief']],
      tooLittle: [
        ['staff', 'editor'],
        ['staff', 'chief'],
      ],
    },
    { path: '/sub/opening', nobody: 401, anyone: 403, enough: [['staff']] },
    { path: '/sub/inherited-opening', nobody: 401, anyone: 403, enough: [['staff']] },
    { path: '/sub/inherited-optional', nobody: 401, anyone: 403, enough: [['staff']] },
    { path: '/sub/added', nobody: 401, anyone: 403, enough: [['staff']] },
    { path: '/of-open-parent/get', nobody: 401, anyone: 200 },
    {
      path: '/grandchild/get',
      nobody: 401,
      anyone: 403,
      enough: [['parent', 'grandchild']],
      tooLittle: [['parent'], ['grandchild']],
    },
  ]
  for (const { path, nobody, anyone, enough = [], tooLittle = [] } of rows) {
    it(`${path} answers ${nobody} to nobody and ${anyone} to anyone with a valid token`, async () => {
      expect((await app.get(path)).status).to.equal(nobody)
      expect((await app.get(path, { token: await kit.makeToken({ sub: 'ann' }) })).status).to.equal(anyone)
    })
    for (const roles of enough) {
      it(`${path} lets in ${roles.join(' + ')}`, async () => {
        const response = await app.get(path, { token: await kit.makeToken({ sub: 'ann', roles }) })
        expect(response.status).to.equal(200)
        expect(await response.json()).to.deep.equal({ sub: 'ann' })
      })
    }
    for (const roles of tooLittle) {
      it(`${path} keeps out ${roles.join(' + ')}`, async () => {
        const response = await app.get(path, { token: await kit.makeToken({ roles }) })
        expect(response.status).to.equal(403)
      })
    }
  }

  for (const { path, knowsCaller } of [
    { path: '/class-and-method/open', knowsCaller: false },
    { path: '/open-class/open', knowsCaller: false },
    { path: '/sub/reopened', knowsCaller: false },
    { path: '/class-and-method/optional', knowsCaller: true },
    { path: '/open-class/optional', knowsCaller: true },
    { path: '/optional-class/open', knowsCaller: true },
  ]) {
    it(`${path} is open and ${knowsCaller ? 'knows a caller who sends a token' : 'looks at no token'}`, async () => {
      const responses = [await app.get(path), await app.get(path, { token: await kit.makeToken({ sub: 'ann' }) })]
      expect(responses.map(({ status }) => status)).to.deep.equal(OPEN)
      const callers = await Promise.all(responses.map((response) => response.json()))
      expect(callers).to.deep.equal([{ sub: null }, { sub: knowsCaller ? 'ann' : null }])
      expect((await app.get(path, { token: 'bad' })).status).to.equal(knowsCaller ? 401 : 200)
    })
  }

  it('one 403 names everything that is missing', async () => {
    const response = await app.get('/class-and-method/several', { token: await kit.makeToken({ roles: ['night'] }) })
    expect(await response.json()).to.include({
      status: 403,
      detail: 'Requires one of roles: staff; and one of roles: chief, editor',
    })
  })

  it('are in the route table, compiled, for everybody to read', () => {
    const sentences = app.container.get(RouteTable).routes.map(({ path, sentence }) => `${path}: ${sentence}`)
    expect(sentences).to.include.members([
      '/undecorated: any valid token',
      '/class-and-method/both: role staff, and role chief or editor',
      '/open-class/open: anyone',
      '/open-class/optional: anyone; a token that is sent has to be valid',
      '/sub/opening: role staff',
      '/grandchild/get: role grandchild, and role parent',
    ])
  })
})
