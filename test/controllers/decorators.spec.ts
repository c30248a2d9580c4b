import { expect } from 'chai'
import { describe, it } from 'mocha'
import { z } from 'zod'
import {
  controllerPrefix,
  declaredStatus,
  nearest,
  routeDeclarations,
} from '../../src/controllers/controller-metadata.js'
import { Body, Context, Header, Param, parameterSources, Query } from '../../src/controllers/parameter-decorators.js'
import {
  Controller,
  Delete,
  Get,
  Head,
  Options,
  Patch,
  Post,
  Put,
  Status,
} from '../../src/controllers/route-decorators.js'

/** A decorator as a program without types could use it. */
type Untyped = (...place: unknown[]) => void

const METHOD = { value: () => undefined, writable: true, configurable: true }

describe('the decorators of a controller', () => {
  it('write down its prefix', () => {
    @Controller('/tasks')
    class Tasks {}
    @Controller()
    class Root {}
    class Child extends Tasks {}
    expect(controllerPrefix.read(Tasks.prototype)).to.equal('/tasks')
    expect(controllerPrefix.read(Root.prototype)).to.equal('/')
    expect(controllerPrefix.read(Child.prototype)).to.equal(undefined)
  })

  const methods = { GET: Get, POST: Post, PUT: Put, PATCH: Patch, DELETE: Delete, HEAD: Head, OPTIONS: Options }
  for (const [method, decorator] of Object.entries(methods)) {
    it(`write down its routes: ${method}`, () => {
      class Tasks {
        @decorator('/:id')
        act() {}

        @decorator()
        root() {}
      }
      expect(routeDeclarations.read(Tasks.prototype, 'act')).to.deep.equal([{ method, path: '/:id' }])
      expect(routeDeclarations.read(Tasks.prototype, 'root')).to.deep.equal([{ method, path: '/' }])
    })
  }

  it('write down several routes of one method in the order they are written', () => {
    class Tasks {
      @Get('/a')
      @Post('/b')
      @Get('/c')
      act() {}
    }
    expect(routeDeclarations.read(Tasks.prototype, 'act')?.map(({ path }) => path)).to.deep.equal(['/a', '/b', '/c'])
  })

  it('write down the status', () => {
    class Tasks {
      @Status(201)
      create() {}
    }
    expect(declaredStatus.read(Tasks.prototype, 'create')).to.equal(201)
  })

  for (const code of [200, 204, 418, 599]) {
    it(`take the status ${code}`, () => {
      expect(() => Status(code)).not.to.throw()
    })
  }
  for (const code of [199, 100, 600, 0, -200, 200.5, Number.NaN, Number.POSITIVE_INFINITY, '200', undefined]) {
    it(`refuse the status ${JSON.stringify(code) ?? code}`, () => {
      expect(() => Status(code as number)).to.throw(RangeError, '@Status takes a code from 200 to 599')
    })
  }

  it('write down where parameters come from', () => {
    const schema = z.object({})
    class Tasks {
      act(
        @Param('id') _id: string,
        @Param() _params: object,
        _plain: unknown,
        @Query('q') _q: string,
        @Query() _query: object,
        @Header('X-Trace-ID') _trace: string,
        @Body() _body: unknown,
        @Body(schema) _checked: unknown,
        @Context() _ctx: unknown,
      ) {}
    }
    expect([...(parameterSources.read(Tasks.prototype, 'act') ?? [])]).to.deep.equal([
      { from: 'path', name: 'id' },
      { from: 'path', name: undefined },
      undefined,
      { from: 'query', name: 'q' },
      { from: 'query', name: undefined },
      { from: 'header', name: 'x-trace-id' },
      { from: 'body', schema: undefined },
      { from: 'body', schema },
      { from: 'context' },
    ])
  })

  it('refuse a second source of one parameter', () => {
    expect(() => {
      class Tasks {
        act(@Query('a') @Param('b') _value: string) {}
      }
      return Tasks
    }).to.throw(TypeError, '@Query: the parameter has another source already')
  })

  for (const schema of [{}, null, 'schema', () => undefined, class Task {}]) {
    it(`refuse a body's schema that is ${schema === null ? 'null' : typeof schema}`, () => {
      expect(() => Body(schema as never)).to.throw(TypeError, '@Body takes a Standard Schema')
    })
  }

  it('say nothing about a class that inherits, until the nearest is asked for', () => {
    class Parent {
      @Get('/parent')
      @Status(202)
      act(@Param('id') _id: string) {}
    }
    class Child extends Parent {
      override act(_id: string) {}
    }
    class Grandchild extends Child {
      @Get('/grandchild')
      override act(_id: string) {}
    }
    expect(routeDeclarations.read(Child.prototype, 'act')).to.equal(undefined)
    expect(nearest(routeDeclarations, Child.prototype).get('act')).to.deep.equal([{ method: 'GET', path: '/parent' }])
    expect(nearest(routeDeclarations, Grandchild.prototype).get('act')).to.deep.equal([
      { method: 'GET', path: '/grandchild' },
    ])
    expect(nearest(declaredStatus, Grandchild.prototype).get('act')).to.equal(202)
    expect(nearest(declaredStatus, Grandchild.prototype).get('other')).to.equal(undefined)
  })

  it('leave the parent alone when a child says more', () => {
    class Parent {
      act(@Param('id') _id: string, _other: string) {}
    }
    class Child extends Parent {
      override act(_id: string, @Query('q') _other: string) {}
    }
    expect([...(parameterSources.read(Parent.prototype, 'act') ?? [])]).to.deep.equal([{ from: 'path', name: 'id' }])
    expect([...(parameterSources.read(Child.prototype, 'act') ?? [])]).to.deep.equal([
      undefined,
      { from: 'query', name: 'q' },
    ])
  })

  const places = () => ({
    class: [class Tasks {}],
    method: [{}, 'act', METHOD],
    parameter: [{}, 'act', 0],
    'static method': [class Tasks {}, 'act', METHOD],
    'static parameter': [class Tasks {}, 'act', 0],
    'constructor parameter': [class Tasks {}, undefined, 0],
    property: [{}, 'title', undefined],
    accessor: [{}, 'title', { get: () => '' }],
  })
  const [ON_CLASS, ON_METHOD, ON_PARAMETER] = ['a class', 'an instance method', "an instance method's parameter"]
  const decorators: readonly { name: string; decorator: unknown; belongs: string }[] = [
    { name: '@Controller', decorator: Controller(), belongs: ON_CLASS },
    ...Object.values(methods).map((method) => ({ name: `@${method.name}`, decorator: method(), belongs: ON_METHOD })),
    { name: '@Status', decorator: Status(200), belongs: ON_METHOD },
    { name: '@Param', decorator: Param(), belongs: ON_PARAMETER },
    { name: '@Query', decorator: Query(), belongs: ON_PARAMETER },
    { name: '@Header', decorator: Header('a'), belongs: ON_PARAMETER },
    { name: '@Body', decorator: Body(), belongs: ON_PARAMETER },
    { name: '@Context', decorator: Context(), belongs: ON_PARAMETER },
  ]
  const nameOf: Readonly<Record<string, string>> = { class: ON_CLASS, method: ON_METHOD, parameter: ON_PARAMETER }
  for (const { name, decorator, belongs } of decorators) {
    it(`${name} stands on ${belongs} and nowhere else`, () => {
      for (const [what, place] of Object.entries(places())) {
        const standing = () => (decorator as Untyped)(...place)
        if (nameOf[what] === belongs) expect(standing, what).not.to.throw()
        else expect(standing, what).to.throw(TypeError, `${name} belongs on ${belongs}`)
      }
    })

    it(`${name} is not compiled as a standard decorator`, () => {
      const kind = belongs === ON_CLASS ? 'class' : 'method'
      expect(() => (decorator as Untyped)(class {}, { kind, name: 'x' })).to.throw(TypeError, 'experimentalDecorators')
    })
  }
})
