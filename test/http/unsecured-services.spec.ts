import { expect } from 'chai'
import { Container, inject, injectable } from 'inversify'
import {
  AllowAnonymous,
  AuthConfigurationError,
  AuthModule,
  Controller,
  Get,
  KoaModule,
  RequiresRole,
  RequiresScope,
  secured,
} from 'inversify-koa-auth'
import { runAs } from 'inversify-koa-auth/testing'
import Koa from 'koa'
import { describe, it } from 'mocha'
import { type AppOptions, kit, loadContainer } from '../support/start-app.js'

@injectable()
class Ledger {
  @RequiresRole('accountant')
  @RequiresScope('ledger:write')
  close(): string {
    return 'closed'
  }

  @AllowAnonymous()
  open(): string {
    return 'open'
  }

  plain(): string {
    return 'plain'
  }
}

@injectable()
@RequiresRole('staff')
class Archive {
  list(): readonly string[] {
    return []
  }
}

@Controller('/ledger')
class LedgerController {
  constructor(@inject(Ledger) private readonly ledger: Ledger) {}

  @Get() close() {
    return this.ledger.close()
  }
}

@Controller('/archive')
class ArchiveController {
  constructor(
    @inject(Ledger) private readonly ledger: Ledger,
    @inject(Archive) private readonly archive: Archive,
  ) {}

  @Get() list() {
    return [this.ledger.open(), this.archive.list()]
  }
}

const LEDGER_PROBLEMS = [
  'Ledger.close: has @RequiresRole and @RequiresScope, which nothing enforces; secure the binding: secured(container.bind(Ledger).toSelf())',
  'Ledger.open: has @AllowAnonymous, which nothing enforces; secure the binding: secured(container.bind(Ledger).toSelf())',
]
const ARCHIVE_PROBLEM =
  'Archive: has @RequiresRole, which nothing enforces; secure the binding: secured(container.bind(Archive).toSelf())'

function problemsOf(work: () => unknown): readonly string[] {
  try {
    work()
  } catch (error) {
    if (!(error instanceof AuthConfigurationError)) throw error
    return error.problems.map(({ where, message }) => `${where}: ${message}`)
  }
  return []
}

describe('a service with security decorators whose binding is not secured', () => {
  it('stops the start where a controller needs it, each mistake named once', () => {
    const container = loadContainer({
      controllers: [LedgerController, ArchiveController],
      bind: (it) => {
        it.bind(Ledger).toSelf()
        it.bind(Archive).toSelf().inSingletonScope()
      },
    })
    expect(problemsOf(() => container.get(Koa))).to.deep.equal(LEDGER_PROBLEMS)
    container.unbind(Ledger)
    secured(container.bind(Ledger).toSelf())
    expect(problemsOf(() => container.get(Koa))).to.deep.equal([ARCHIVE_PROBLEM])
    container.unbind(Archive)
    secured(container.bind(Archive).toSelf())
    expect(container.get(Koa)).to.be.instanceOf(Koa)
  })

  for (const [how, bind] of [
    ['to itself', (it) => it.bind(Ledger).toSelf()],
    ['as a singleton', (it) => it.bind(Ledger).toSelf().inSingletonScope()],
    ['to a constant', (it) => it.bind(Ledger).toConstantValue(new Ledger())],
    ['to what a function makes', (it) => it.bind(Ledger).toDynamicValue(() => new Ledger())],
    ['by another name as well', (it) => it.bind(Ledger).toSelf() && it.bind('ledger').toService(Ledger)],
  ] as const satisfies readonly (readonly [string, (container: Container) => unknown])[]) {
    it(`is not handed out, however it is bound: ${how}`, () => {
      const container = loadContainer({ bind })
      container.get(Koa)
      expect(problemsOf(() => container.get(Ledger))).to.deep.equal(LEDGER_PROBLEMS)
      if (container.isBound('ledger')) expect(problemsOf(() => container.get('ledger'))).to.deep.equal(LEDGER_PROBLEMS)
    })
  }

  it('is not handed out before the application is built, nor when it is bound after the modules are loaded', () => {
    const container = loadContainer({})
    container.bind(Ledger).toSelf()
    expect(problemsOf(() => container.get(Ledger))).to.deep.equal(LEDGER_PROBLEMS)
  })

  it('is found where it was bound anew after the modules were loaded', () => {
    const container = loadContainer({
      controllers: [LedgerController],
      bind: (it) => secured(it.bind(Ledger).toSelf()),
    })
    container.rebind(Ledger).toSelf()
    expect(problemsOf(() => container.get(Koa))).to.deep.equal(LEDGER_PROBLEMS)
  })

  it('is not handed out from a parent container either', () => {
    const parent = new Container()
    parent.bind(Ledger).toSelf()
    const container = new Container({ parent })
    container.load(new KoaModule({ controllers: [LedgerController] }), new AuthModule(settings()))
    expect(problemsOf(() => container.get(Koa))).to.deep.equal(LEDGER_PROBLEMS)
  })

  it('is found where its class was defined after the modules were loaded', () => {
    const container = loadContainer({})
    @injectable()
    class Late {
      @RequiresRole('accountant')
      close() {}
    }
    container.bind(Late).toSelf()
    container.get(Koa)
    expect(problemsOf(() => container.get(Late))).to.have.lengthOf(1)
  })

  it('rejects where it is made asynchronously', async () => {
    const container = loadContainer({ bind: (it) => it.bind(Ledger).toDynamicValue(async () => new Ledger()) })
    const error = await container.getAsync(Ledger).catch((reason: unknown) => reason)
    expect(error).to.be.instanceOf(AuthConfigurationError)
  })
})

describe('what needs no securing:', () => {
  @Controller('/parent')
  class ParentController {
    @Get()
    @RequiresRole('staff')
    list() {
      return []
    }
  }
  @Controller('/child')
  class ChildController extends ParentController {}

  abstract class Base {
    @RequiresRole('accountant')
    close(): string {
      return 'closed'
    }
  }
  @injectable()
  class Concrete extends Base {}

  for (const [what, options] of [
    [
      'a service whose binding is secured',
      { controllers: [LedgerController], bind: (it) => secured(it.bind(Ledger).toSelf()).inSingletonScope() },
    ],
    [
      'one that is secured and has an activation that wraps it once more',
      {
        controllers: [LedgerController],
        bind: (it) => {
          secured(it.bind(Ledger).toSelf())
          it.onActivation(Ledger, (_context, ledger) => new Proxy(ledger, {}))
        },
      },
    ],
    ['controllers, and those they inherit from', { controllers: [ParentController, ChildController] }],
    ['a base class with decorators', { bind: (it) => secured(it.bind(Concrete).toSelf()) }],
    ['a class that nobody has bound', {}],
    [
      'a stand-in that is no instance of the class',
      {
        controllers: [LedgerController],
        bind: (it) => it.bind<unknown>(Ledger).toConstantValue({ close: () => 'closed' }),
      },
    ],
    [
      'any service while security is switched off',
      { controllers: [LedgerController], bind: (it) => it.bind(Ledger).toSelf(), settings: { enabled: false } },
    ],
  ] as const satisfies readonly (readonly [string, AppOptions])[]) {
    it(what, () => {
      const container = loadContainer(options)
      expect(container.get(Koa)).to.be.instanceOf(Koa)
      for (const service of [Ledger, Concrete]) {
        if (container.isBound(service))
          expect(runAs(accountant, () => container.get(service).close())).to.equal('closed')
      }
    })
  }

  it('a service secured in a parent container', () => {
    const parent = new Container()
    secured(parent.bind(Ledger).toSelf()).inSingletonScope()
    const container = new Container({ parent })
    container.load(new KoaModule({ controllers: [LedgerController] }), new AuthModule(settings()))
    expect(container.get(Koa)).to.be.instanceOf(Koa)
  })
})

const accountant = { roles: ['accountant'], scopes: ['ledger:write'] }

function settings() {
  return { ...kit.settings, env: {}, configFiles: [] }
}
