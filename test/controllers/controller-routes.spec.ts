import { expect } from 'chai'
import type { Newable } from 'inversify'
import { describe, it } from 'mocha'
import {
  AllowAnonymous,
  Authenticated,
  OptionalAuthentication,
  RequiresRole,
} from '../../src/authorization/security-decorators.js'
import { conflictingRoutes } from '../../src/controllers/conflicting-routes.js'
import { type ControllerRoute, controllerRoutes } from '../../src/controllers/controller-routes.js'
import { Param } from '../../src/controllers/parameter-decorators.js'
import { Controller, Delete, Get, Head, Post, Status } from '../../src/controllers/route-decorators.js'
import { RouteTable } from '../../src/controllers/route-table.js'
import type { ConfigurationProblem } from '../../src/errors/auth-configuration-error.js'

const read = (controller: Newable) => {
  const problems: ConfigurationProblem[] = []
  return { routes: controllerRoutes(controller, problems), problems }
}
const line = ({ description: { method, path, controller, handler, sentence, explicit } }: ControllerRoute) =>
  `${method} ${path} ${controller}.${handler}: ${sentence}${explicit ? '' : ' (by default)'}`

function decorate({ prototype }: { readonly prototype: { read: unknown } }, decorator: MethodDecorator): void {
  decorator(prototype, 'read', Object.getOwnPropertyDescriptor(prototype, 'read') as PropertyDescriptor)
}

describe("a controller's routes", () => {
  it('come from its decorators, in the order they are written', () => {
    @Controller('/tasks')
    @RequiresRole('user')
    class TaskController {
      @Get('/health') @AllowAnonymous() health() {}
      @Get('/') @Get('/all') @OptionalAuthentication() list() {}
      @Get('/:id') read() {}
      @Delete('/:id') @RequiresRole('manager', 'admin') @Status(202) remove(@Param('id') _id: string) {}
      unrouted() {}
    }
    const { routes, problems } = read(TaskController)
    expect(problems).to.deep.equal([])
    expect(routes.map(line)).to.deep.equal([
      'GET /tasks/health TaskController.health: anyone',
      'GET /tasks TaskController.list: anyone; a token that is sent has to be valid',
      'GET /tasks/all TaskController.list: anyone; a token that is sent has to be valid',
      'GET /tasks/:id TaskController.read: role user',
      'DELETE /tasks/:id TaskController.remove: role user, and role admin or manager',
    ])
    const remove = routes.at(-1)
    expect(remove?.status).to.equal(202)
    expect(remove?.handlerKey).to.equal('remove')
    expect([...(remove?.parameters ?? [])]).to.deep.equal([{ from: 'path', name: 'id' }])
    expect(remove?.description.controllerClass).to.equal(TaskController)
    expect(remove?.description).to.be.frozen
    expect(routes[0]).to.include({ status: undefined }).and.have.property('parameters').that.is.empty
  })

  it('say when nothing but the default protects them', () => {
    @Controller()
    class TaskController {
      @Get() list() {}
      @Get('/me') @Authenticated() me() {}
    }
    expect(read(TaskController).routes.map(line)).to.deep.equal([
      'GET / TaskController.list: any valid token (by default)',
      'GET /me TaskController.me: any valid token',
    ])
  })

  it('are inherited, with their restrictions and without their openings', () => {
    class Base {
      @Get('/open') @AllowAnonymous() open() {}
      @Get('/closed/:id') @RequiresRole('admin') closed(@Param('id') _id: string) {}
      @Get('/overridden/:id') @RequiresRole('admin') @Status(202) overridden(@Param('id') _id: string) {}
      @Get('/moved') moved() {}
    }
    @Controller('/child')
    class Child extends Base {
      override overridden(_id: string) {}
      @Get('/elsewhere') override moved() {}
    }
    const { routes, problems } = read(Child)
    expect(problems).to.deep.equal([])
    expect(routes.map(line).sort()).to.deep.equal([
      'GET /child/closed/:id Child.closed: role admin',
      'GET /child/elsewhere Child.moved: any valid token (by default)',
      'GET /child/open Child.open: any valid token (by default)',
      'GET /child/overridden/:id Child.overridden: role admin',
    ])
    const overridden = routes.find(({ handlerKey }) => handlerKey === 'overridden')
    expect(overridden?.status).to.equal(202)
    expect([...(overridden?.parameters ?? [])]).to.deep.equal([{ from: 'path', name: 'id' }])
  })

  it('may be methods named by symbols', () => {
    const list = Symbol('list')
    @Controller('/tasks')
    class TaskController {
      @Get() [list]() {}
    }
    const { routes } = read(TaskController)
    expect(routes.map(line)).to.deep.equal(['GET /tasks TaskController.Symbol(list): any valid token (by default)'])
    expect(routes[0]?.handlerKey).to.equal(list)
  })

  describe('are a problem', () => {
    const problemsOf = (controller: Newable) => read(controller).problems

    it('without @Controller', () => {
      class TaskController {
        @Get() list() {}
      }
      expect(problemsOf(TaskController)).to.deep.equal([
        { where: 'TaskController', message: 'is not a controller: it has no @Controller of its own' },
      ])
    })

    it('with no @Controller but the inherited one', () => {
      @Controller('/base')
      class Base {
        @Get() list() {}
      }
      class Child extends Base {}
      expect(problemsOf(Child).map(({ where }) => where)).to.deep.equal(['Child'])
      expect(read(Child).routes).to.deep.equal([])
    })

    for (const { paths, says } of [
      { paths: ['/:id'], says: '/orgs/:org/:id has org, id' },
      { paths: ['/*rest'], says: '/orgs/:org/*rest has org, rest' },
      { paths: ['{/:"page 1"}'], says: '/orgs/:org{/:"page 1"} has org, page 1' },
      { paths: ['/\\:idd/:id', '/plain'], says: '/orgs/:org/plain has org; /orgs/:org/\\:idd/:id has org, id' },
    ]) {
      it(`when they read a parameter that no path of theirs has: ${paths}`, () => {
        class TaskController {
          @Get(paths[0])
          read(@Param('idd') _id: string) {}
        }
        if (paths[1] !== undefined) decorate(TaskController, Get(paths[1]))
        Controller('/orgs/:org')(TaskController)
        expect(problemsOf(TaskController)).to.deep.equal([
          { where: 'TaskController.read', message: `reads @Param('idd'), which is in no path of its: ${says}` },
        ])
      })
    }

    it('when they read a parameter where there is none', () => {
      @Controller('/tasks')
      class TaskController {
        @Get() read(@Param('id') _id: string, @Param() _all: object) {}
      }
      expect(problemsOf(TaskController)).to.deep.equal([
        { where: 'TaskController.read', message: "reads @Param('id'), which is in no path of its: /tasks has none" },
      ])
    })

    it('but not when one path of several, or the prefix, has the parameter', () => {
      @Controller('/orgs/:org')
      class TaskController {
        @Get('/all')
        @Get('/of/:id')
        @Get('/page{/:"page 1"}')
        read(@Param('id') _id: string, @Param('org') _org: string, @Param('page 1') _page: string) {}
      }
      expect(problemsOf(TaskController)).to.deep.equal([])
    })

    it('when there are none', () => {
      @Controller('/tasks')
      class TaskController {
        list() {}
      }
      expect(problemsOf(TaskController)).to.deep.equal([
        { where: 'TaskController', message: 'has no routes: add @Get or the like' },
      ])
    })

    it('when a security decorator stands where none is, inherited ones included', () => {
      class Base {
        @RequiresRole('admin') forgotten() {}
      }
      @Controller('/tasks')
      class TaskController extends Base {
        @Get() list() {}
        @AllowAnonymous() health() {}
      }
      const message = 'has a security decorator but no route: add @Get or the like, or take the decorator away'
      expect(problemsOf(TaskController)).to.deep.equal([
        { where: 'TaskController.health', message },
        { where: 'TaskController.forgotten', message },
      ])
    })

    it('when decorators contradict one another, naming both', () => {
      @Controller('/tasks')
      class TaskController {
        @Get() @AllowAnonymous() @RequiresRole('admin') list() {}
      }
      expect(problemsOf(TaskController)).to.deep.equal([
        { where: 'TaskController.list', message: '@AllowAnonymous contradicts @RequiresRole; keep one of them' },
      ])
    })

    for (const path of ['/:', '/*', '/{a', '/a}', '/(a)', '/a?', '/:id+', '/[a]', '/!']) {
      it(`when the router does not understand the path ${path}`, () => {
        @Controller('/tasks')
        class TaskController {
          @Get(path) list() {}
        }
        const [problem, ...others] = problemsOf(TaskController)
        expect(others).to.deep.equal([])
        expect(problem?.where).to.equal('TaskController.list')
        expect(problem?.message).to.contain('has a path the router does not understand: ')
      })
    }
  })
})

describe('routes that conflict', () => {
  const descriptions = (...controllers: readonly Newable[]) =>
    controllers.flatMap((controller) => read(controller).routes.map(({ description }) => description))

  it('have the same method and a path that matches the same requests', () => {
    @Controller('/tasks')
    class TaskController {
      @Get('/me') me() {}
      @Get('/:id') read() {}
      @Get('/:name') readByName() {}
      @Delete('/:id') remove() {}
      @Post('/:id') @Post('/:id/') update() {}
    }
    @Controller('/')
    class OtherController {
      @Get('/TASKS/me/') me() {}
      @Get('/tasks/me/x') other() {}
      @Get('/tasks/me') third() {}
    }
    expect(conflictingRoutes(descriptions(TaskController, OtherController))).to.deep.equal([
      {
        where: 'TaskController.readByName',
        message: 'GET /tasks/:name is taken by TaskController.read (/tasks/:id)',
      },
      { where: 'TaskController.update', message: 'POST /tasks/:id is taken by TaskController.update (/tasks/:id)' },
      { where: 'OtherController.me', message: 'GET /TASKS/me is taken by TaskController.me (/tasks/me)' },
      { where: 'OtherController.third', message: 'GET /tasks/me is taken by TaskController.me (/tasks/me)' },
    ])
  })

  for (const { what, controller, taken } of [
    {
      what: 'a parameter',
      controller: () => {
        @Controller('/u')
        class U {
          @Get('/:id') read() {}
          @Get('/me') me() {}
          @Get('/me/x') other() {}
          @Post('/me') change() {}
          @Delete('/:id') remove() {}
        }
        return U
      },
      taken: [['U.me', 'GET /u/me is taken by U.read (/u/:id), which comes before it; write this one first']],
    },
    {
      what: 'a wildcard or an optional part, whatever the letter case',
      controller: () => {
        @Controller()
        class U {
          @Get('/list{/:page}') list() {}
          @Get('/List') again() {}
          @Get('/files/*path') file() {}
          @Get('/FILES/a/b') one() {}
          @Get('/files') all() {}
          @Get('/:id\\:archive') archive() {}
          @Get('/a\\:archive') dead() {}
          @Get('/a\\:restore') restore() {}
        }
        return U
      },
      taken: [
        ['U.again', 'GET /List is taken by U.list (/list{/:page}), which comes before it; write this one first'],
        ['U.one', 'GET /FILES/a/b is taken by U.file (/files/*path), which comes before it; write this one first'],
        [
          'U.dead',
          'GET /a\\:archive is taken by U.archive (/:id\\:archive), which comes before it; write this one first',
        ],
      ],
    },
    {
      what: 'GET, where it is for HEAD, but not the other way round',
      controller: () => {
        @Controller('/u')
        class U {
          @Get('/:id') read() {}
          @Head('/:id') exists() {}
          @Head('/me') amI() {}
          @Head('/things/:id') isThing() {}
          @Get('/things/all') things() {}
        }
        return U
      },
      taken: [['U.amI', 'HEAD /u/me is taken by U.exists (/u/:id), which comes before it; write this one first']],
    },
    {
      what: 'GET, where HEAD has a path of its own',
      controller: () => {
        @Controller('/u')
        class U {
          @Get('/:id') read() {}
          @Head('/me') amI() {}
        }
        return U
      },
      taken: [['U.amI', 'HEAD /u/me is taken by U.read (/u/:id), which comes before it; write this one first']],
    },
  ]) {
    it(`are answered by an earlier one with ${what}`, () => {
      expect(conflictingRoutes(descriptions(controller()))).to.deep.equal(
        taken.map(([where, message]) => ({ where, message })),
      )
    })
  }

  it('are not looked for among paths that the router does not understand', () => {
    @Controller('/tasks')
    class TaskController {
      @Get('/:') broken() {}
      @Get('/me') me() {}
    }
    expect(conflictingRoutes(descriptions(TaskController))).to.deep.equal([])
  })

  it('are none where paths differ in more than the names of their parameters', () => {
    @Controller('/tasks')
    class TaskController {
      @Get('/me') me() {}
      @Get('/:id') read() {}
      @Get('/*rest') rest() {}
      @Post('/:id\\:archive') archive() {}
      @Post('/:id\\:restore') restore() {}
    }
    expect(conflictingRoutes(descriptions(TaskController))).to.deep.equal([])
  })

  it('are none of none', () => {
    expect(conflictingRoutes([])).to.deep.equal([])
  })
})

describe('a route table', () => {
  it('holds every route and cannot be changed', () => {
    const table = new RouteTable([])
    expect(table.routes).to.deep.equal([])
    expect(table).to.be.frozen
  })
})
