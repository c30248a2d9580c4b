import 'reflect-metadata'
import { inspect } from 'node:util'
import Router from '@koa/router'
import { expect } from 'chai'
import { Container, inject, injectable, type Newable, named, type ServiceIdentifier } from 'inversify'
import {
  AllowAnonymous,
  AuthConfigurationError,
  Authenticated,
  AuthModule,
  Controller,
  Get,
  Head,
  KoaModule,
  type KoaModuleOptions,
  OpenApiModule,
  OptionalAuthentication,
  type Policy,
  Post,
  RequiresPolicy,
  RequiresRole,
  RouteTable,
  secured,
  TokenValidator,
} from 'inversify-koa-auth'
import Koa from 'koa'
import { describe, it } from 'mocha'
import { kit, loadContainer, startApp } from '../support/start-app.js'

/** The problems a start-up fails with, each as `where: message`. */
function problemsOf(start: () => unknown): readonly string[] {
  try {
    start()
  } catch (error) {
    if (!(error instanceof AuthConfigurationError)) throw error
    for (const { where, message } of error.problems) expect(error.message).to.include(`- ${where}: ${message}`)
    return error.problems.map(({ where, message }) => `${where}: ${message}`)
  }
  throw new Error('It started, though it should not have')
}

const AUTH = { ...kit.settings, env: {}, configFiles: [] }

describe('start-up', () => {
  describe('fails for contradicting decorators', () => {
    class Both {
      @Get()
      @AllowAnonymous()
      @RequiresRole('admin')
      get() {}
    }
    class OpenAndClosed {
      @Get()
      @Authenticated()
      @AllowAnonymous()
      get() {}
    }
    class OptionalAndRole {
      @Get()
      @OptionalAuthentication()
      @RequiresRole('admin')
      get() {}
    }
    class TwoOpenings {
      @Get()
      @AllowAnonymous()
      @OptionalAuthentication()
      get() {}
    }
    @AllowAnonymous()
    @RequiresRole('admin')
    class OnClass {
      @Get() get() {}
    }
    class Restricted {
      @Get()
      @RequiresRole('admin')
      get() {}
    }
    class ReopenedMethod extends Restricted {
      @AllowAnonymous()
      override get() {}
    }
    @RequiresRole('staff')
    class RestrictedClass {
      @Get() get() {}
    }
    @AllowAnonymous()
    class ReopenedClass extends RestrictedClass {}

    for (const { controller, names } of [
      { controller: Both, names: ['Both.get', '@AllowAnonymous', '@RequiresRole'] },
      { controller: OpenAndClosed, names: ['OpenAndClosed.get', '@AllowAnonymous', '@Authenticated'] },
      { controller: OptionalAndRole, names: ['OptionalAndRole.get', '@OptionalAuthentication', '@RequiresRole'] },
      { controller: TwoOpenings, names: ['TwoOpenings.get', '@AllowAnonymous', '@OptionalAuthentication'] },
      { controller: OnClass, names: ['OnClass', '@AllowAnonymous', '@RequiresRole'] },
      {
        controller: ReopenedMethod,
        names: ['ReopenedMethod.get', '@AllowAnonymous', '@RequiresRole', 'Restricted.get'],
      },
      { controller: ReopenedClass, names: ['ReopenedClass', '@AllowAnonymous', '@RequiresRole', 'RestrictedClass'] },
    ] as const) {
      it(`${controller.name}: naming ${names.slice(1).join(', ')}`, () => {
        Controller()(controller)
        const problems = problemsOf(() => new KoaModule({ controllers: [controller as Newable] }))
        expect(problems).to.have.lengthOf(1)
        for (const name of names) expect(problems[0]).to.include(name)
      })
    }
  })

  it('fails for a class without @Controller, a subclass of a controller included', () => {
    class Plain {
      @Get() get() {}
    }
    @Controller('/base')
    class Base {
      @Get() get() {}
    }
    class Sub extends Base {}
    expect(problemsOf(() => new KoaModule({ controllers: [Plain, Sub] }))).to.deep.equal([
      'Plain: is not a controller: it has no @Controller of its own',
      'Sub: is not a controller: it has no @Controller of its own',
    ])
  })

  it('fails for a controller without routes, and for a rule on a member that is no route', () => {
    @Controller('/empty')
    class Empty {}
    @Controller('/forgotten')
    class Forgotten {
      @Get() get() {}
      @RequiresRole('admin') remove() {}
      @RequiresRole('admin') get title() {
        return ''
      }
    }
    const problems = problemsOf(() => new KoaModule({ controllers: [Empty, Forgotten] }))
    expect(problems).to.have.lengthOf(3)
    expect(problems[0]).to.match(/^Empty: has no routes/)
    expect(problems[1]).to.match(/^Forgotten\.remove: has a security decorator but no route/)
    expect(problems[2]).to.match(/^Forgotten\.title: has a security decorator but no route/)
  })

  describe('fails for two routes that are alike', () => {
    for (const [one, other] of [
      ['/a', '/a'],
      ['/a/:id', '/a/:name'],
      ['/list', '/LIST'],
      ['/a', '/a/'],
      ['/f/*rest', '/f/*path'],
      ['/A/:x/b', '/a/:y/B'],
    ] as const) {
      it(`${one} and ${other}`, () => {
        class Twice {
          first() {}
          second() {}
        }
        declareRoutes(Twice, { first: Get(one), second: Get(other) })
        const problems = problemsOf(() => new KoaModule({ controllers: [Twice] }))
        expect(problems).to.have.lengthOf(1)
        expect(problems[0])
          .to.match(/^Twice\.second: /)
          .and.to.include('Twice.first')
      })
    }

    it('also in two controllers of one module', () => {
      expect(problemsOf(() => new KoaModule({ controllers: [OneController, OtherController] }))).to.have.lengthOf(1)
    })

    it('also in two modules of one container, once the application is built', () => {
      const container = new Container()
      container.load(
        new KoaModule({ controllers: [OneController] }),
        new AuthModule(AUTH),
        new KoaModule({ controllers: [OtherController] }),
      )
      const problems = problemsOf(() => container.get(Koa))
      expect(problems).to.have.lengthOf(1)
      expect(problems[0]).to.include('OtherController.get').and.to.include('OneController.get')
    })

    it('but not for other methods or other paths', () => {
      class Different {
        get() {}
        post() {}
        head() {}
        deeper() {}
      }
      declareRoutes(Different, { get: Get('/a'), post: Post('/a'), head: Head('/a'), deeper: Get('/a/:b') })
      expect(() => new KoaModule({ controllers: [Different] })).to.not.throw()
    })
  })

  describe('fails for a route that another one before it always answers for', () => {
    @Controller('/u')
    class AnyController {
      @Get('/:id')
      @AllowAnonymous()
      any() {}
    }
    @Controller('/u')
    class OwnController {
      @Get('/me')
      @RequiresRole('admin')
      me() {}
    }
    const problem =
      'OwnController.me: GET /u/me is taken by AnyController.any (/u/:id), which comes before it; write this one first'

    it('in one module', () => {
      expect(problemsOf(() => new KoaModule({ controllers: [AnyController, OwnController] }))).to.deep.equal([problem])
    })

    for (const identifier of [RouteTable, Koa]) {
      it(`in two modules of one container, once ${identifier.name} is asked for`, () => {
        const container = new Container()
        container.load(
          new KoaModule({ controllers: [AnyController] }),
          new AuthModule(AUTH),
          new KoaModule({ controllers: [OwnController] }),
        )
        expect(problemsOf(() => container.get<unknown>(identifier))).to.deep.equal([problem])
      })
    }

    it('and starts with the two the other way round', async () => {
      const app = await startApp({ controllers: [OwnController, AnyController] })
      try {
        expect((await app.get('/u/me')).status).to.equal(401)
        expect((await app.get('/u/you')).status).to.equal(204)
      } finally {
        await app.stop()
      }
    })
  })

  it('fails for a path the router does not understand', () => {
    class BadPath {
      get() {}
    }
    declareRoutes(BadPath, { get: Get('/a/:') })
    const problems = problemsOf(() => new KoaModule({ controllers: [BadPath] }))
    expect(problems).to.have.lengthOf(1)
    expect(problems[0]).to.match(/^BadPath\.get: has a path the router does not understand/)
  })

  it('names every mistake at once', () => {
    class Wrong {
      get() {}
      remove() {}
    }
    declareRoutes(Wrong, { get: Get('/a') }, [AllowAnonymous(), RequiresRole('admin')])
    class Plain {}
    expect(problemsOf(() => new KoaModule({ controllers: [Plain, Wrong], bodyLimitBytes: 0 }))).to.have.lengthOf(3)
  })

  describe('fails for a dependency that is not bound', () => {
    it('naming the controller, before the first request', () => {
      const container = loadContainer({ controllers: [NeedyController, OneController] })
      const problems = problemsOf(() => container.get(Koa))
      expect(problems).to.have.lengthOf(1)
      expect(problems[0])
        .to.match(/^NeedyController: cannot be resolved: /)
        .and.to.include('Repository')
    })

    it('and starts once it is', () => {
      const container = loadContainer({ controllers: [NeedyController] })
      expect(() => container.get(Koa)).to.throw(AuthConfigurationError)
      container.bind(Repository).toSelf()
      expect(container.get(Koa)).to.be.instanceOf(Koa)
    })
  })

  describe('fails for a secured service that can not be secured', () => {
    const PROBLEMS = [
      'Mistaken.contradictory: @AllowAnonymous contradicts @RequiresRole; keep one of them',
      'Mistaken.impatient: is not async, but policy Later is: it can not wait for it',
    ]
    const outOfOrder = (cause: unknown) => new Error('out of order', { cause })
    const circular = outOfOrder(undefined)
    circular.cause = circular

    for (const { what, bind, problems } of [
      {
        what: 'naming all that is wrong with it, once, whoever it is injected into',
        bind: (container: Container) => secured(container.bind(Mistaken).toSelf()),
        problems: PROBLEMS,
      },
      {
        what: 'also where the application has wrapped the error',
        bind: (container: Container) =>
          container.bind(Mistaken).toDynamicValue((context) => {
            try {
              return context.get(SECURED)
            } catch (error) {
              throw outOfOrder(outOfOrder(error))
            }
          }),
        problems: PROBLEMS,
      },
      {
        what: 'and keeps its head where causes go round in circles',
        bind: (container: Container) =>
          container.bind(Mistaken).toDynamicValue(() => {
            throw circular
          }),
        problems: ['MistakenController', 'AlsoMistakenController'].map(
          (controller) => `${controller}: cannot be resolved: out of order`,
        ),
      },
      {
        what: 'and is not taken in by an error that lists no problem',
        bind: (container: Container) =>
          container.bind(Mistaken).toDynamicValue(() => {
            throw new AuthConfigurationError([])
          }),
        problems: ['MistakenController', 'AlsoMistakenController'].map(
          (controller) => `${controller}: cannot be resolved: The application cannot be secured as configured:`,
        ),
      },
    ]) {
      it(what, () => {
        const container = loadContainer({ controllers: [MistakenController, AlsoMistakenController] })
        container.bind(Later).toSelf()
        secured(container.bind(SECURED).to(Mistaken))
        bind(container)
        expect(problemsOf(() => container.get(Koa))).to.deep.equal(problems)
      })
    }

    it('beside everything else', () => {
      const controllers = [NeedyController, MistakenController]
      const container = loadContainer({ controllers, settings: { requireExplicit: true } })
      container.bind(Later).toSelf()
      secured(container.bind(Mistaken).toSelf())
      const problems = problemsOf(() => container.get(Koa))
      expect(problems.slice(0, 2).map((problem) => problem.split(':')[0])).to.deep.equal([
        'NeedyController.get',
        'MistakenController.get',
      ])
      expect(problems[2]).to.match(/^NeedyController: cannot be resolved: .*Repository/)
      expect(problems.slice(3)).to.deep.equal(PROBLEMS)
    })
  })

  describe('fails for a constructor parameter that nobody says anything about', () => {
    class One {
      constructor(readonly only: unknown) {}
      get() {}
    }
    class Last {
      constructor(
        @inject('one') readonly one: unknown,
        readonly two: unknown,
      ) {}
      get() {}
    }
    class First {
      constructor(
        readonly one: unknown,
        @inject('two') readonly two: unknown,
      ) {}
      get() {}
    }
    class AllOfThree {
      constructor(
        readonly one: unknown,
        readonly two: unknown,
        readonly three: unknown,
      ) {}
      get() {}
    }
    class Named {
      constructor(@named('main') readonly only: unknown) {}
      get() {}
    }
    class EverySecond {
      constructor(
        readonly one: unknown,
        @inject('two') readonly two: unknown,
        readonly three: unknown,
        @inject('four') readonly four: unknown,
      ) {}
      get() {}
    }
    const controllers: readonly { type: unknown; parameters: readonly number[] }[] = [
      { type: One, parameters: [1] },
      { type: Last, parameters: [2] },
      { type: First, parameters: [1] },
      { type: AllOfThree, parameters: [1, 2, 3] },
      { type: EverySecond, parameters: [1, 3] },
      { type: Named, parameters: [1] },
    ]
    for (const { type, parameters } of controllers) {
      const controller = type as Newable
      it(`${controller.name}: naming ${parameters}`, () => {
        declareRoutes(controller, { get: Get() })
        const container = new Container()
        const load = () => container.load(new KoaModule({ controllers: [OneController, controller] }))
        expect(problemsOf(load)).to.deep.equal(
          parameters.map((parameter) => `${controller.name}: constructor parameter ${parameter} has no @inject(…)`),
        )
        expect(load).to.throw(AuthConfigurationError).with.nested.property('cause.message').that.includes('@inject')
        for (const service of [Koa, Router, RouteTable, OneController, controller]) {
          expect(container.isBound(service)).to.equal(false)
        }
      })
    }

    it('and leaves alone what the application has said about the controllers that were right', () => {
      class Wrong {
        constructor(readonly only: unknown) {}
        get() {}
      }
      declareRoutes(Wrong as unknown as Newable, { get: Get() })
      const container = new Container()
      let made = 0
      container.onActivation(OneController, (_context, controller) => {
        made++
        return controller
      })
      expect(() =>
        container.load(new KoaModule({ controllers: [OneController, Wrong as unknown as Newable] })),
      ).to.throw(AuthConfigurationError)
      container.load(new KoaModule({ controllers: [OneController] }), new AuthModule(AUTH))
      container.get(Koa)
      expect(made).to.equal(1)
    })

    it('but not where the application makes the controller itself', () => {
      const controller = One as unknown as Newable
      const container = new Container()
      container.bind<unknown>(controller).toDynamicValue(() => new One('made'))
      container.load(new KoaModule({ controllers: [controller] }), new AuthModule(AUTH))
      expect(container.get(Koa)).to.be.instanceOf(Koa)
    })
  })

  describe('fails for a module that is loaded when the routes have been read already:', () => {
    for (const [what, read] of [
      ['by the application', (container) => container.get(Koa)],
      ['by its router', (container) => container.get(Router)],
      ['for the route table', (container) => container.get(RouteTable)],
      [
        'by the application in a parent container',
        (_container, parent) => {
          parent.load(new KoaModule(), new AuthModule(AUTH))
          parent.get(Koa)
        },
      ],
    ] as const satisfies readonly (readonly [string, (container: Container, parent: Container) => unknown])[]) {
      for (const [name, make] of [
        ['KoaModule', () => new KoaModule({ controllers: [OneController] })],
        ['OpenApiModule', () => new OpenApiModule({ title: 'Tasks', version: '1.0.0' })],
      ] as const) {
        it(`${name}, ${what}`, () => {
          const parent = new Container()
          const container = what.includes('parent') ? new Container({ parent }) : loadContainer({})
          read(container, parent)
          expect(problemsOf(() => container.load(make()))).to.deep.equal([
            `${name}: is loaded too late: the routes have been read already, by container.get(Koa) or for RouteTable; load it before`,
          ])
          expect(container.isBound(OneController)).to.equal(false)
        })
      }
    }

    it('but not for one that takes the place of another', () => {
      const container = new Container()
      const module = new KoaModule({ controllers: [OneController] })
      container.load(module, new AuthModule(AUTH))
      container.get(Koa)
      container.unload(module)
      container.load(new KoaModule({ controllers: [OtherController] }))
      container.get(Koa)
      expect(container.get(RouteTable).routes.map(({ controller }) => controller)).to.deep.equal(['OtherController'])
    })
  })

  describe('fails for options that are no object:', () => {
    const takes = {
      AuthModule: "takes an object: { issuer: 'https://idp.example.com', audience: 'tasks' }",
      KoaModule: 'takes an object: { controllers: [TaskController] }',
      OpenApiModule: "takes an object: { title: 'Tasks', version: '1.0.0' }",
    }
    for (const module of [AuthModule, KoaModule, OpenApiModule]) {
      for (const options of [null, 'tasks', [class Tasks {}], class Tasks {}, 1]) {
        it(`${module.name} of ${inspect(options)}`, () => {
          const make = () => new (module as Newable<unknown, [unknown]>)(options)
          expect(problemsOf(make)).to.deep.equal([`${module.name}: ${takes[module.name as keyof typeof takes]}`])
        })
      }
    }

    it('OpenApiModule of nothing', () => {
      expect(problemsOf(() => new (OpenApiModule as Newable)())).to.deep.equal([
        `OpenApiModule: ${takes.OpenApiModule}`,
      ])
    })
  })

  describe('fails for what is no list of classes', () => {
    for (const { controllers, says } of [
      {
        controllers: [undefined],
        says: 'KoaModule controllers[0]: must be a class but is undefined, as after a circular import',
      },
      { controllers: [{}], says: 'KoaModule controllers[0]: must be a class but is something else' },
      { controllers: [() => undefined], says: 'KoaModule controllers[0]: must be a class but is something else' },
      { controllers: class {}, says: 'KoaModule controllers: must be a list of classes' },
    ]) {
      it(says, () => {
        const options = { controllers } as unknown as KoaModuleOptions
        expect(problemsOf(() => new KoaModule(options))).to.deep.equal([says])
      })
    }

    it('and for an option it does not know', () => {
      const options = { controler: [OneController] } as KoaModuleOptions
      expect(problemsOf(() => new KoaModule(options))).to.deep.equal([
        'KoaModule controler: is not an option (did you mean controllers?); known are controllers, bodyLimitBytes',
      ])
    })
  })

  it('names a contradiction on a class once, at the class', () => {
    class BothOnClass {
      @Get('/a') a() {}
      @Get('/b') b() {}
    }
    for (const decorate of [AllowAnonymous(), RequiresRole('admin'), Controller('/both')]) decorate(BothOnClass)
    expect(problemsOf(() => new KoaModule({ controllers: [BothOnClass] }))).to.deep.equal([
      'BothOnClass: @AllowAnonymous contradicts @RequiresRole; keep one of them',
    ])
  })

  it('says everything in the message, and nothing twice when it is printed', () => {
    const error = new AuthConfigurationError([{ where: 'somewhere', message: 'is wrong' }])
    expect(inspect(error))
      .to.include('somewhere: is wrong')
      .and.not.match(/status|headers|problems/)
  })

  it('fails for KoaModule without AuthModule: nothing would be enforced', () => {
    const container = new Container()
    container.load(new KoaModule({ controllers: [OneController] }))
    const problems = problemsOf(() => container.get(Koa))
    expect(problems).to.have.lengthOf(1)
    expect(problems[0]).to.include('AuthModule')
  })

  it('does not give out an unsecured router either, without AuthModule', () => {
    const container = new Container()
    container.load(new KoaModule({ controllers: [OneController] }))
    expect(() => container.get(Router)).to.throw()
  })

  it('fails for a second AuthModule, and the first one goes on working', async () => {
    const app = await startApp({
      controllers: [OneController],
      loaded: (container) => {
        const second = new AuthModule({ ...AUTH, audience: 'second' })
        const problems = problemsOf(() => container.load(second))
        expect(problems).to.have.lengthOf(1)
        expect(problems[0]).to.include('AuthModule')
      },
    })
    try {
      expect((await app.get('/same', { token: await kit.makeToken() })).status).to.equal(200)
      expect((await app.get('/same', { token: await kit.makeToken({ aud: 'second' }) })).status).to.equal(401)
    } finally {
      await app.stop()
    }
  })

  it('accepts the modules in any order', async () => {
    const container = new Container()
    container.load(new AuthModule(AUTH), new KoaModule({ controllers: [OneController] }))
    expect(container.get(Koa)).to.be.instanceOf(Koa)
    expect(container.get(Koa)).to.equal(container.get(Koa))
  })

  describe('with require_explicit', () => {
    @Controller('/explicit')
    class ExplicitController {
      @Get('/said')
      @Authenticated()
      said() {}
      @Get('/open')
      @AllowAnonymous()
      open() {}
    }
    @Controller('/class')
    @RequiresRole('staff')
    class ExplicitClassController {
      @Get() get() {}
    }
    @Controller('/silent')
    class SilentController {
      @Get() get() {}
      @Get('/role')
      @RequiresRole('admin')
      role() {}
      @Post() post() {}
    }
    const settings = { requireExplicit: true }

    it('fails for each route without a security decorator', () => {
      const container = loadContainer({ controllers: [ExplicitController, SilentController], settings })
      const problems = problemsOf(() => container.get(Koa))
      expect(problems.map((problem) => problem.split(':')[0])).to.deep.equal([
        'SilentController.get',
        'SilentController.post',
      ])
      expect(problems[0]).to.include('auth_client.require_explicit').and.to.include('@Authenticated()')
    })

    it('starts when every route says something, on its method or its class', () => {
      const container = loadContainer({ controllers: [ExplicitController, ExplicitClassController], settings })
      expect(container.get(Koa)).to.be.instanceOf(Koa)
    })
  })

  describe('binds nothing when it fails:', () => {
    it('neither with a bad controller', () => {
      const container = new Container()
      class Plain {}
      expect(() =>
        container.load(new KoaModule({ controllers: [OneController, Plain] }), new AuthModule(AUTH)),
      ).to.throw(AuthConfigurationError)
      for (const service of [Koa, Router, RouteTable, OneController, TokenValidator]) {
        expect(container.isBound(service)).to.equal(false)
      }
    })

    it('nor with bad settings', () => {
      const container = new Container()
      expect(() =>
        container.load(
          new KoaModule({ controllers: [OneController] }),
          new AuthModule({ audience: 'test-api', env: {}, configFiles: [] }),
        ),
      )
        .to.throw(AuthConfigurationError)
        .that.has.property('message')
        .that.includes('auth_client.issuer (AUTH_CLIENT_ISSUER)')
      for (const service of [Koa, Router, RouteTable, OneController, TokenValidator]) {
        expect(container.isBound(service)).to.equal(false)
      }
    })
  })
})

@Controller('/same')
class OneController {
  @Get() get() {
    return 'one'
  }
}

@Controller('/same')
class OtherController {
  @Get() get() {
    return 'other'
  }
}

@injectable()
class Repository {}

@Controller('/needy')
class NeedyController {
  constructor(@inject(Repository) readonly repository: Repository) {}

  @Get() get() {}
}

@injectable()
class Later implements Policy {
  async permits(): Promise<boolean> {
    return true
  }
}

@injectable()
class Mistaken {
  @AllowAnonymous()
  @RequiresRole('admin')
  contradictory() {}

  @RequiresPolicy(Later)
  impatient() {}
}

const SECURED = Symbol('secured') as ServiceIdentifier<Mistaken>

@Controller('/mistaken')
class MistakenController {
  constructor(@inject(Mistaken) readonly mistaken: Mistaken) {}

  @Get() get() {}
}

@Controller('/also-mistaken')
class AlsoMistakenController {
  constructor(@inject(Mistaken) readonly mistaken: Mistaken) {}

  @Get() get() {}
}

/** Decorates a class whose paths or rules come from a table. */
function declareRoutes(
  controller: Newable,
  routes: Readonly<Record<string, MethodDecorator>>,
  rules: readonly MethodDecorator[] = [],
): void {
  Controller()(controller)
  for (const [name, decorator] of Object.entries(routes)) {
    const descriptor = Object.getOwnPropertyDescriptor(controller.prototype, name) as PropertyDescriptor
    for (const decorate of [decorator, ...rules]) decorate(controller.prototype, name, descriptor)
  }
}
