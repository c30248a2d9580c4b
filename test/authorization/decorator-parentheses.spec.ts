import { expect } from 'chai'
import * as library from 'inversify-koa-auth'
import { describe, it } from 'mocha'
import { z } from 'zod'

const {
  AllowAnonymous,
  Authenticated,
  Body,
  Controller,
  Context,
  Delete,
  Get,
  Head,
  Header,
  OptionalAuthentication,
  Options,
  Param,
  Patch,
  Post,
  Put,
  Query,
  Requires,
  RequiresAgentScope,
  RequiresGroup,
  RequiresPermission,
  RequiresPolicy,
  RequiresRole,
  RequiresScope,
  role,
  Status,
} = library

/** A decorator as a program without types can write it. */
type Untyped = (...place: unknown[]) => never

class SaysYes implements library.Policy {
  permits(): boolean {
    return true
  }
}

const DECORATORS: readonly (readonly [usage: string, factory: unknown])[] = [
  ['@AllowAnonymous()', AllowAnonymous],
  ['@OptionalAuthentication()', OptionalAuthentication],
  ['@Authenticated()', Authenticated],
  ["@RequiresRole('admin')", RequiresRole],
  ["@RequiresGroup('staff')", RequiresGroup],
  ["@RequiresScope('orders:read')", RequiresScope],
  ["@RequiresPermission('orders.read')", RequiresPermission],
  ["@RequiresAgentScope('orders:read')", RequiresAgentScope],
  ["@Requires(role('admin'))", Requires],
  ['@RequiresPolicy(SomePolicy)', RequiresPolicy],
  ["@Controller('/path')", Controller],
  ["@Get('/path')", Get],
  ["@Post('/path')", Post],
  ["@Put('/path')", Put],
  ["@Patch('/path')", Patch],
  ["@Delete('/path')", Delete],
  ["@Head('/path')", Head],
  ["@Options('/path')", Options],
  ['@Status(201)', Status],
  ["@Param('name')", Param],
  ["@Query('name')", Query],
  ["@Header('name')", Header],
  ['@Body()', Body],
  ['@Context()', Context],
]

/** Everywhere a decorator can be written that a compiler lets through. */
const PLACES: Readonly<Record<string, (decorator: Untyped) => unknown>> = {
  'a method': (decorator) => {
    class Tasks {
      @decorator
      remove() {}
    }
    return Tasks
  },
  'a method, above another decorator': (decorator) => {
    class Tasks {
      @decorator
      @Delete('/:id')
      remove() {}
    }
    return Tasks
  },
  'a method, below another decorator': (decorator) => {
    class Tasks {
      @RequiresRole('admin')
      @decorator
      remove() {}
    }
    return Tasks
  },
  'a method of a child': (decorator) => {
    class Child extends SaysYes {
      @decorator
      remove() {}
    }
    return Child
  },
  'a parameter': (decorator) => {
    class Tasks {
      remove(@decorator _id: string) {}
    }
    return Tasks
  },
  'a static method with a symbol for a name': (decorator) => {
    class Tasks {
      @decorator
      static [Symbol.for('remove')]() {}
    }
    return Tasks
  },
  'a static method': (decorator) => {
    class Tasks {
      @decorator
      static remove() {}
    }
    return Tasks
  },
  "the constructor's parameter": (decorator) => {
    class Tasks {
      constructor(@decorator _id: string) {}
    }
    return Tasks
  },
  'a class with routes': (decorator) => {
    @decorator
    class Tasks {
      @Get()
      list() {}
    }
    return Tasks
  },
  'a class that is a controller': (decorator) => {
    @decorator
    @Controller('/tasks')
    class Tasks {}
    return Tasks
  },
  'a class with rules': (decorator) => {
    @decorator
    class Tasks {
      @RequiresRole('admin')
      list() {}
    }
    return Tasks
  },
  'a class with a rule': (decorator) => {
    @decorator
    @RequiresRole('admin')
    class Tasks {
      list() {}
    }
    return Tasks
  },
}

describe('a decorator without its parentheses', () => {
  it('is in the table, whichever it is', () => {
    const capitalised = Object.entries(library).filter(([name, value]) => /^[A-Z]/.test(name) && isFunction(value))
    const decorators = capitalised.filter(([, value]) => !isClass(value)).map(([name]) => name)
    expect(DECORATORS.map(([usage]) => usage.slice(1, usage.indexOf('(')))).to.have.members(decorators)
  })

  for (const [usage, factory] of DECORATORS) {
    const name = usage.slice(0, usage.indexOf('('))
    it(`throws wherever it stands: ${name}`, () => {
      for (const [place, define] of Object.entries(PLACES)) {
        // A body's schema may be a class, and what isn't one is refused for that.
        const isForSchema = name === '@Body' && /class|static|constructor/.test(place)
        const message = isForSchema ? '@Body takes a Standard Schema' : `${name} needs its parentheses: ${usage}`
        expect(() => define(factory as Untyped), place).to.throw(TypeError, message)
      }
    })
  }

  it('does not compile either', () => {
    const misspelt = [
      () => {
        class Tasks {
          // @ts-expect-error needs its parentheses
          @Authenticated
          list() {}
        }
        return Tasks
      },
      () => {
        class Tasks {
          // @ts-expect-error needs its parentheses
          @RequiresRole
          list() {}
        }
        return Tasks
      },
      () => {
        class Tasks {
          // @ts-expect-error needs its parentheses
          list(@Context _ctx: unknown) {}
        }
        return Tasks
      },
    ]
    for (const define of misspelt) expect(define).to.throw(TypeError, 'needs its parentheses')
  })
})

describe('what a decorator takes is not mistaken for its place:', () => {
  abstract class Abstract {
    abstract permits(): boolean
  }
  class OfField {
    permits = () => true
  }
  class SchemaClass {
    static readonly '~standard' = { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) } as const
  }
  const schemaFunction = Object.assign(() => undefined, { '~standard': SchemaClass['~standard'] })
  for (const [what, make] of [
    ['a policy', () => RequiresPolicy(SaysYes)],
    ['several policies', () => RequiresPolicy(SaysYes, OfField)],
    ['an abstract policy', () => RequiresPolicy(Abstract)],
    ['a policy whose permits is a field', () => RequiresPolicy(OfField)],
    ['a condition', () => Requires(role('admin'))],
    ['a schema that is an object', () => Body(z.object({}))],
    ['a schema that is a class', () => Body(SchemaClass)],
    ['a schema that is a function', () => Body(schemaFunction)],
    ['nothing', () => [Get(), Controller(), Param(), Query(), Body(), Context(), Authenticated()]],
  ] as const) {
    it(what, () => {
      expect(make).not.to.throw()
    })
  }

  it('and a combinator that is not called is told by its own name', () => {
    class Tasks {
      list() {}
    }
    expect(() => Requires(role as never)(Tasks)).to.throw(TypeError, 'a condition is made by role')
  })
})

function isFunction(value: unknown): boolean {
  return typeof value === 'function'
}

function isClass(value: unknown): boolean {
  return Object.getOwnPropertyDescriptor(value, 'prototype')?.writable === false
}
