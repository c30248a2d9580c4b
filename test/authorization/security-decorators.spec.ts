import { expect } from 'chai'
import { describe, it } from 'mocha'
import { role } from '../../src/authorization/condition.js'
import { declarationsAt, declaredMembers, type SecurityDecorator } from '../../src/authorization/declarations.js'
import { assertDecoratorPlace, type DecoratorPlace } from '../../src/authorization/decorator-place.js'
import { prototypeChain } from '../../src/authorization/prototype-chain.js'
import {
  AllowAnonymous,
  Authenticated,
  OptionalAuthentication,
  Requires,
  RequiresGroup,
  RequiresPermission,
  RequiresRole,
  RequiresScope,
} from '../../src/authorization/security-decorators.js'
import { RequiresPolicy } from '../../src/http/policy.js'

function onMethod(decorator: SecurityDecorator): void {
  class Tasks {
    read() {}
  }
  decorator(Tasks.prototype, 'read', Object.getOwnPropertyDescriptor(Tasks.prototype, 'read') as PropertyDescriptor)
}

class Everybody {
  permits() {
    return true
  }
}

describe('a security decorator', () => {
  it('writes one value beside those that stand there already, in the order they are written', () => {
    @RequiresRole('outer')
    @RequiresRole('inner')
    class Tasks {
      @AllowAnonymous()
      @OptionalAuthentication()
      @Authenticated()
      read() {}

      @RequiresRole('manager', 'admin')
      remove() {}

      plain() {}
    }
    const at = (key?: string) => declarationsAt(Tasks.prototype, key)
    expect(at().map((declaration) => 'condition' in declaration && declaration.condition)).to.deep.equal([
      { kind: 'role', anyOf: ['outer'] },
      { kind: 'role', anyOf: ['inner'] },
    ])
    expect(at('read')).to.deep.equal([
      { kind: 'anonymous', decorator: '@AllowAnonymous' },
      { kind: 'optional', decorator: '@OptionalAuthentication' },
      { kind: 'authenticated', decorator: '@Authenticated' },
    ])
    expect(at('remove')).to.deep.equal([
      { kind: 'condition', decorator: '@RequiresRole', condition: { kind: 'role', anyOf: ['admin', 'manager'] } },
    ])
    expect(at('plain')).to.deep.equal([])
    expect(at('read')).to.be.frozen
  })

  for (const { decorator, name, condition } of [
    { decorator: RequiresRole('a'), name: '@RequiresRole', condition: { kind: 'role', anyOf: ['a'] } },
    { decorator: RequiresGroup('a'), name: '@RequiresGroup', condition: { kind: 'group', anyOf: ['a'] } },
    { decorator: RequiresScope('a'), name: '@RequiresScope', condition: { kind: 'scope', anyOf: ['a'] } },
    {
      decorator: RequiresPermission('a'),
      name: '@RequiresPermission',
      condition: { kind: 'permission', anyOf: ['a'] },
    },
    {
      decorator: RequiresPolicy(Everybody),
      name: '@RequiresPolicy',
      condition: { kind: 'policy', anyOf: [Everybody] },
    },
    { decorator: Requires(role('a')), name: '@Requires', condition: { kind: 'role', anyOf: ['a'] } },
  ]) {
    it(`says which one it is, and what it asks for: ${name}`, () => {
      class Tasks {}
      decorator(Tasks)
      expect(declarationsAt(Tasks.prototype)).to.deep.equal([{ kind: 'condition', decorator: name, condition }])
    })
  }

  it('says nothing about classes that inherit', () => {
    @Authenticated()
    class Parent {
      @Authenticated()
      read() {}
    }
    class Child extends Parent {
      override read() {}
    }
    expect(declarationsAt(Child.prototype)).to.deep.equal([])
    expect(declarationsAt(Child.prototype, 'read')).to.deep.equal([])
    expect(declaredMembers(Child.prototype)).to.deep.equal([])
  })

  it('stands on methods that can be listed, a one named by a symbol included, the class itself left out', () => {
    const hidden = Symbol('hidden')
    @Authenticated()
    class Tasks {
      @Authenticated()
      read() {}

      plain() {}

      @Authenticated()
      [hidden]() {}
    }
    expect(declaredMembers(Tasks.prototype)).to.deep.equal(['read', hidden])
  })

  it('leaves the method it stands on as it is', () => {
    const read = () => undefined
    const descriptor: PropertyDescriptor = { value: read, writable: true, configurable: true, enumerable: false }
    const before = { ...descriptor }
    const prototype = Object.defineProperty({}, 'read', descriptor)
    expect(Authenticated()(prototype, 'read', descriptor)).to.equal(undefined)
    expect(descriptor).to.deep.equal(before)
    expect(Reflect.ownKeys(prototype)).to.deep.equal(['read'])
  })

  it('do not compile without names, and throw when they do, telling where', () => {
    // @ts-expect-error at least one role
    const none = RequiresRole()
    expect(() => onMethod(none)).to.throw(TypeError, '@RequiresRole on Tasks.read: at least one role is needed')
    expect(() => none(class Tasks {})).to.throw(TypeError, '@RequiresRole on Tasks: at least one role is needed')
    // @ts-expect-error at least one group
    expect(() => onMethod(RequiresGroup())).to.throw(TypeError, '@RequiresGroup on Tasks.read: at least one group')
    // @ts-expect-error at least one scope
    expect(() => onMethod(RequiresScope())).to.throw(TypeError, '@RequiresScope on Tasks.read: at least one scope')
    // @ts-expect-error at least one permission
    expect(() => onMethod(RequiresPermission())).to.throw(TypeError, 'Tasks.read: at least one permission')
    // @ts-expect-error at least one policy
    expect(() => onMethod(RequiresPolicy())).to.throw(TypeError, '@RequiresPolicy on Tasks.read: at least one policy')
    // @ts-expect-error a condition
    expect(() => onMethod(Requires())).to.throw(TypeError, '@Requires on Tasks.read: a condition is made by')
    const empty = [] as unknown as [string]
    expect(() => onMethod(RequiresRole(...empty))).to.throw(TypeError, 'at least one role')
    expect(() => onMethod(RequiresScope('a b'))).to.throw(TypeError, 'a scope has no spaces')
    expect(() => onMethod(RequiresRole(''))).to.throw(TypeError, 'non-empty string')
    // @ts-expect-error a class, not its name
    expect(() => onMethod(RequiresPolicy('Owner'))).to.throw(TypeError, 'every policy has to be a class')
  })

  it('stands on an accessor as on a method', () => {
    class Tasks {
      @RequiresRole('reader')
      get title() {
        return ''
      }

      @RequiresRole('writer')
      set text(_text: string) {}
    }
    expect(declaredMembers(Tasks.prototype)).to.deep.equal(['title', 'text'])
    expect(declarationsAt(Tasks.prototype, 'text')).to.deep.equal([
      { kind: 'condition', decorator: '@RequiresRole', condition: { kind: 'role', anyOf: ['writer'] } },
    ])
  })

  describe('belongs on a class or an instance method or an instance accessor,', () => {
    const decorators = {
      '@AllowAnonymous': AllowAnonymous(),
      '@OptionalAuthentication': OptionalAuthentication(),
      '@Authenticated': Authenticated(),
      '@RequiresRole': RequiresRole('admin'),
    }
    for (const [name, decorator] of Object.entries(decorators)) {
      // No misuse compiles, but not everybody compiles with types.
      const misplaced = decorator as unknown as (...place: unknown[]) => void

      for (const { what, define } of [
        {
          what: 'not on a static method',
          define: () => {
            class Tasks {
              // @ts-expect-error nobody calls it for a caller
              @decorator
              static read() {}
            }
            return Tasks
          },
        },
        {
          what: 'not on a property',
          define: () => {
            class Tasks {
              // @ts-expect-error not even a function's
              @decorator
              title = () => ''
            }
            return Tasks
          },
        },
        {
          what: 'not on a static accessor',
          define: () => {
            class Tasks {
              // @ts-expect-error nobody reads it for a caller
              @decorator
              static get title() {
                return ''
              }
            }
            return Tasks
          },
        },
        {
          what: 'not on a parameter',
          define: () => {
            class Tasks {
              // @ts-expect-error a method is decorated above it
              read(@decorator _id: string) {}
            }
            return Tasks
          },
        },
        {
          what: "not on a constructor's parameter",
          define: () => {
            class Tasks {
              // @ts-expect-error a class is decorated above it
              constructor(@decorator _id: string) {}
            }
            return Tasks
          },
        },
        { what: 'not on nothing', define: () => misplaced() },
      ]) {
        it(`${name}: ${what}`, () => {
          const belongs = 'belongs on a class or an instance method or an instance accessor'
          expect(define).to.throw(TypeError, `${name} ${belongs}`)
        })
      }

      for (const { what, place } of [
        { what: 'method', place: [() => undefined, { kind: 'method', name: 'read' }] },
        { what: 'class', place: [class Tasks {}, { kind: 'class', name: 'Tasks' }] },
        { what: 'field', place: [undefined, { kind: 'field', name: 'title' }] },
      ]) {
        it(`${name}: not compiled as a standard ${what} decorator`, () => {
          expect(() => misplaced(...place)).to.throw(
            TypeError,
            `${name} needs "experimentalDecorators": true in tsconfig.json`,
          )
        })
      }
    }
  })
})

describe('the place of a decorator', () => {
  const method: PropertyDescriptor = { value: () => undefined }
  const places: readonly { what: string; place: readonly unknown[]; is: DecoratorPlace | undefined }[] = [
    { what: 'a class', place: [class {}], is: 'class' },
    { what: 'a class, as some compilers call', place: [class {}, undefined, undefined], is: 'class' },
    { what: 'a method', place: [{}, 'read', method], is: 'method' },
    { what: 'a method named by a symbol', place: [{}, Symbol('read'), method], is: 'method' },
    { what: 'a parameter', place: [{}, 'read', 0], is: 'parameter' },
    { what: 'a static method', place: [class {}, 'read', method], is: undefined },
    { what: 'a static parameter', place: [class {}, 'read', 0], is: undefined },
    { what: "a constructor's parameter", place: [class {}, undefined, 0], is: undefined },
    { what: 'a property', place: [{}, 'title'], is: undefined },
    { what: 'a property, as some compilers call', place: [{}, 'title', undefined], is: undefined },
    { what: 'a property that holds a value', place: [{}, 'title', { value: 5 }], is: undefined },
    { what: 'a getter', place: [{}, 'title', { get: () => 5, set: undefined }], is: 'accessor' },
    { what: 'a setter', place: [{}, 'title', { get: undefined, set: () => undefined }], is: 'accessor' },
    { what: 'a static property', place: [class {}, 'title'], is: undefined },
    { what: 'a static accessor', place: [class {}, 'title', { get: () => 5 }], is: undefined },
    { what: 'nothing', place: [], is: undefined },
  ]
  for (const { what, place, is } of places) {
    it(`of ${what} is ${is ?? 'wrong for any'}`, () => {
      for (const allowed of ['class', 'method', 'accessor', 'parameter'] as const) {
        const asserting = () => assertDecoratorPlace('@Any', [allowed], place)
        if (allowed === is) expect(asserting).not.to.throw()
        else expect(asserting).to.throw(TypeError, '@Any belongs on ')
      }
    })
  }

  it('is told to whoever errs', () => {
    expect(() => assertDecoratorPlace('@Any', ['class', 'method', 'accessor', 'parameter'], [])).to.throw(
      "@Any belongs on a class or an instance method or an instance accessor or an instance method's parameter",
    )
  })
})

describe('a prototype chain', () => {
  class A {}
  class B extends A {}
  class C extends B {}
  it('is nearest first, without Object.prototype', () => {
    expect(prototypeChain(C.prototype)).to.deep.equal([C.prototype, B.prototype, A.prototype])
    expect(prototypeChain(A.prototype)).to.deep.equal([A.prototype])
  })

  it('may end in null', () => {
    const root: object = Object.create(null)
    expect(prototypeChain(root)).to.deep.equal([root])
  })
})
