import { expect } from 'chai'
import { not, type Policy, policy, RequiresAgentScope, role } from 'inversify-koa-auth'
import { describe, it } from 'mocha'
import { compileRequirement } from '../../src/authorization/compile-requirement.js'
import { describeRequirement } from '../../src/authorization/describe-requirement.js'
import {
  AllowAnonymous as Anonymous,
  Authenticated,
  OptionalAuthentication as Optional,
  Requires,
  RequiresGroup,
  RequiresPermission,
  RequiresScope,
  RequiresRole as Role,
} from '../../src/authorization/security-decorators.js'

type SecurityDecorator = ReturnType<typeof Anonymous>

/** The decorators at one place, outermost first. */
type Decorators = readonly SecurityDecorator[]

/** One class: what stands on it and on its `act`; `act` is not overridden where nothing is said about it. */
interface Level {
  readonly class?: Decorators
  readonly act?: Decorators
}

/** Defines classes that inherit from one another, as decorators on source lines would; comes back with the last. */
function define(...levels: readonly Level[]): new () => object {
  let Current: (new () => object) | undefined
  for (const [depth, level] of levels.entries()) {
    const Parent: new () => object = Current ?? Object
    const name = ['Parent', 'Child', 'Grandchild'][levels.length === 1 ? 1 : depth] as string
    const Class = { [name]: class extends Parent {} }[name] as new () => object
    if (level.act !== undefined) {
      const descriptor = { value: () => undefined, writable: true, configurable: true }
      Object.defineProperty(Class.prototype, 'act', descriptor)
      for (const decorator of [...level.act].reverse()) decorator(Class.prototype, 'act', descriptor)
    }
    for (const decorator of [...(level.class ?? [])].reverse()) decorator(Class)
    Current = Class
  }
  return Current as new () => object
}

const DEFAULT = 'any valid token'
const ANYONE = 'anyone'
const KNOWN = 'anyone; a token that is sent has to be valid'

interface Rule {
  readonly rule: string
  readonly levels: readonly Level[]
  readonly means: string
  readonly implicit?: true
}

describe('a compiled requirement', () => {
  const rules: readonly Rule[] = [
    { rule: 'no decorator', levels: [{ act: [] }], means: DEFAULT, implicit: true },
    { rule: '@Authenticated on the method', levels: [{ act: [Authenticated()] }], means: DEFAULT },
    { rule: '@Authenticated on the class', levels: [{ class: [Authenticated()], act: [] }], means: DEFAULT },
    { rule: '@AllowAnonymous on the method', levels: [{ act: [Anonymous()] }], means: ANYONE },
    { rule: '@AllowAnonymous on the class', levels: [{ class: [Anonymous()], act: [] }], means: ANYONE },
    { rule: '@OptionalAuthentication on the method', levels: [{ act: [Optional()] }], means: KNOWN },
    { rule: '@OptionalAuthentication on the class', levels: [{ class: [Optional()], act: [] }], means: KNOWN },
    { rule: 'the arguments of one decorator are OR', levels: [{ act: [Role('b', 'a')] }], means: 'role a or b' },
    {
      rule: 'several decorators on one method are AND',
      levels: [{ act: [Role('a'), Role('b')] }],
      means: 'role a, and role b',
    },
    {
      rule: 'several decorators on one class are AND',
      levels: [{ class: [Role('a'), Role('b')], act: [] }],
      means: 'role a, and role b',
    },
    {
      rule: 'class and method both count',
      levels: [{ class: [Role('a')], act: [Role('b')] }],
      means: 'role a, and role b',
    },
    {
      rule: 'the same condition twice is one',
      levels: [{ class: [Role('a', 'b')], act: [Role('b', 'a'), Role('a')] }],
      means: 'role a or b, and role a',
    },
    {
      rule: '@Authenticated adds nothing to a role on the same place',
      levels: [{ act: [Authenticated(), Role('a')] }],
      means: 'role a',
    },
    {
      rule: '@Authenticated on a method takes nothing from its class',
      levels: [{ class: [Role('a')], act: [Authenticated()] }],
      means: 'role a',
    },

    // Openings and restrictions, class and method.
    {
      rule: "a method's role wins over its class's @AllowAnonymous",
      levels: [{ class: [Anonymous()], act: [Role('a')] }],
      means: 'role a',
    },
    {
      rule: "a method's @Authenticated closes it in an anonymous class",
      levels: [{ class: [Anonymous()], act: [Authenticated()] }],
      means: DEFAULT,
    },
    {
      rule: "a method's role wins over its class's @OptionalAuthentication",
      levels: [{ class: [Optional()], act: [Role('a')] }],
      means: 'role a',
    },
    {
      rule: "a method's @AllowAnonymous opens it in a restricted class",
      levels: [{ class: [Role('a')], act: [Anonymous()] }],
      means: ANYONE,
    },
    {
      rule: "a method's @OptionalAuthentication opens it in a restricted class",
      levels: [{ class: [Role('a')], act: [Optional()] }],
      means: KNOWN,
    },
    {
      rule: "a method's @OptionalAuthentication wins over its class's @AllowAnonymous",
      levels: [{ class: [Anonymous()], act: [Optional()] }],
      means: KNOWN,
    },
    {
      rule: "a method's @AllowAnonymous wins over its class's @OptionalAuthentication",
      levels: [{ class: [Optional()], act: [Anonymous()] }],
      means: ANYONE,
    },
    {
      rule: 'the same opening twice is one',
      levels: [{ class: [Anonymous()], act: [Anonymous(), Anonymous()] }],
      means: ANYONE,
    },

    // Restrictions are inherited.
    { rule: "a parent class's role is inherited", levels: [{ class: [Role('a')] }, { act: [] }], means: 'role a' },
    {
      rule: "a parent's method keeps its role in a child that does not override it",
      levels: [{ act: [Role('a')] }, {}],
      means: 'role a',
    },
    {
      rule: "an overriding method keeps the parent's method's role",
      levels: [{ act: [Role('a')] }, { act: [] }],
      means: 'role a',
    },
    {
      rule: "an overriding method's role comes on top",
      levels: [{ act: [Role('a')] }, { act: [Role('b')] }],
      means: 'role b, and role a',
    },
    {
      rule: 'roles come from every level',
      levels: [
        { class: [Role('a')], act: [Role('b')] },
        { class: [Role('c')], act: [Role('d')] },
        { class: [Role('e')], act: [Role('f')] },
      ],
      means: 'role e, and role c, and role a, and role f, and role d, and role b',
    },
    {
      rule: 'a grandparent counts where the parent says nothing',
      levels: [{ class: [Role('a')], act: [Role('b')] }, {}, { act: [] }],
      means: 'role a, and role b',
    },
    {
      rule: '@Authenticated is inherited, and closes a method of an anonymous child',
      levels: [{ act: [Authenticated()] }, { class: [Anonymous()], act: [] }],
      means: DEFAULT,
    },
    {
      rule: "an inherited role on the method wins over the child's @AllowAnonymous",
      levels: [{ act: [Role('a')] }, { class: [Anonymous()] }],
      means: 'role a',
    },
    {
      rule: "a method's @AllowAnonymous opens it in a class that inherits its role",
      levels: [{ class: [Role('a')] }, { act: [Anonymous()] }],
      means: ANYONE,
    },

    // Openings are not.
    {
      rule: "a parent class's @AllowAnonymous is lost",
      levels: [{ class: [Anonymous()], act: [] }, {}],
      means: DEFAULT,
      implicit: true,
    },
    {
      rule: "a parent class's @OptionalAuthentication is lost",
      levels: [{ class: [Optional()], act: [] }, {}],
      means: DEFAULT,
      implicit: true,
    },
    {
      rule: "an overriding method loses its parent's @AllowAnonymous",
      levels: [{ act: [Anonymous()] }, { act: [] }],
      means: DEFAULT,
      implicit: true,
    },
    {
      rule: "a parent's method loses its @AllowAnonymous in a child that does not override it",
      levels: [{ act: [Anonymous()] }, {}],
      means: DEFAULT,
      implicit: true,
    },
    {
      rule: "an opening of the parent's method does not open it in a restricted child",
      levels: [{ act: [Anonymous()] }, { class: [Role('a')] }],
      means: 'role a',
    },
    {
      rule: "an opening in the parent is no contradiction to the child's role",
      levels: [
        { class: [Anonymous()], act: [Optional()] },
        { class: [Role('a')], act: [Role('b')] },
      ],
      means: 'role a, and role b',
    },
    {
      rule: 'a child may open again what its parent had open',
      levels: [{ act: [Anonymous()] }, { act: [Anonymous()] }],
      means: ANYONE,
    },
    {
      rule: 'a child may open otherwise what its parent had open',
      levels: [{ class: [Anonymous()] }, { class: [Optional()], act: [] }],
      means: KNOWN,
    },
  ]
  for (const { rule, levels, means, implicit } of rules) {
    it(`${rule}: ${means}`, () => {
      const { requirement, explicit, problems } = compileRequirement(define(...levels), 'act')
      expect(problems).to.deep.equal([])
      expect(describeRequirement(requirement)).to.equal(means)
      expect(explicit).to.equal(implicit !== true)
    })
  }

  const contradictions: readonly { levels: readonly Level[]; problems: readonly string[] }[] = [
    {
      levels: [{ act: [Anonymous(), Role('a')] }],
      problems: ['@AllowAnonymous contradicts @RequiresRole; keep one of them'],
    },
    {
      levels: [{ act: [Role('a'), Anonymous()] }],
      problems: ['@AllowAnonymous contradicts @RequiresRole; keep one of them'],
    },
    {
      levels: [{ class: [Anonymous(), Role('a')], act: [] }],
      problems: ['@AllowAnonymous contradicts @RequiresRole; keep one of them'],
    },
    {
      levels: [{ act: [Anonymous(), Authenticated()] }],
      problems: ['@AllowAnonymous contradicts @Authenticated; keep one of them'],
    },
    {
      levels: [{ act: [Optional(), Role('a')] }],
      problems: ['@OptionalAuthentication contradicts @RequiresRole; keep one of them'],
    },
    {
      levels: [{ act: [Anonymous(), Optional()] }],
      problems: ['@AllowAnonymous contradicts @OptionalAuthentication; keep one of them'],
    },
    {
      levels: [{ act: [Optional(), Anonymous()] }],
      problems: ['@OptionalAuthentication contradicts @AllowAnonymous; keep one of them'],
    },
    {
      levels: [{ class: [Optional(), Anonymous()], act: [] }],
      problems: ['@OptionalAuthentication contradicts @AllowAnonymous; keep one of them'],
    },
    {
      levels: [{ act: [Anonymous(), Authenticated(), Role('a'), Role('b')] }],
      problems: ['@AllowAnonymous contradicts @Authenticated and @RequiresRole; keep one of them'],
    },
    {
      levels: [{ class: [Anonymous(), Role('a')], act: [Optional(), Role('b')] }],
      problems: [
        '@OptionalAuthentication contradicts @RequiresRole; keep one of them',
        '@AllowAnonymous contradicts @RequiresRole; keep one of them',
      ],
    },
    {
      levels: [{ act: [Role('a')] }, { act: [Anonymous()] }],
      problems: ['@AllowAnonymous contradicts @RequiresRole inherited from Parent.act; keep one of them'],
    },
    {
      levels: [{ class: [Role('a')] }, { class: [Anonymous()], act: [] }],
      problems: ['@AllowAnonymous contradicts @RequiresRole inherited from Parent; keep one of them'],
    },
    {
      levels: [{ class: [Authenticated()] }, {}, { class: [Optional()], act: [] }],
      problems: ['@OptionalAuthentication contradicts @Authenticated inherited from Parent; keep one of them'],
    },
    {
      levels: [{ act: [Anonymous(), Optional(), Role('a')] }],
      problems: ['@AllowAnonymous contradicts @OptionalAuthentication and @RequiresRole; keep one of them'],
    },
    {
      levels: [{ act: [Role('a')] }, { act: [Optional(), Authenticated()] }],
      problems: [
        '@OptionalAuthentication contradicts @Authenticated and @RequiresRole inherited from Parent.act; keep one of them',
      ],
    },
  ]
  for (const { levels, problems } of contradictions) {
    it(`is a problem: ${problems.join(' / ')}`, () => {
      const found = compileRequirement(define(...levels), 'act').problems
      expect(found.map(({ message }) => message)).to.deep.equal(problems)
    })
  }

  for (const { name, decorator, sentence } of [
    { name: '@Authenticated', decorator: Authenticated(), sentence: DEFAULT },
    { name: '@RequiresRole', decorator: Role('a'), sentence: 'role a' },
    { name: '@RequiresGroup', decorator: RequiresGroup('a'), sentence: 'group a' },
    { name: '@RequiresScope', decorator: RequiresScope('a'), sentence: 'scope a' },
    { name: '@RequiresPermission', decorator: RequiresPermission('a'), sentence: 'permission a' },
    { name: '@Requires', decorator: Requires(not(role('a'))), sentence: 'not role a' },
    {
      name: '@RequiresAgentScope',
      decorator: RequiresAgentScope('a'),
      sentence: `${DEFAULT}, and an agent with scope a`,
    },
  ]) {
    it(`is what ${name} says, and names it where it is in the way`, () => {
      const alone = compileRequirement(define({ act: [decorator] }), 'act')
      expect(describeRequirement(alone.requirement)).to.equal(sentence)
      expect(alone.explicit).to.equal(true)
      const opened = compileRequirement(define({ act: [Anonymous(), decorator] }), 'act')
      expect(opened.problems.map(({ message }) => message)).to.deep.equal([
        `@AllowAnonymous contradicts ${name}; keep one of them`,
      ])
    })
  }

  for (const { name, decorate } of [
    { name: '@AllowAnonymous', decorate: Anonymous },
    { name: '@OptionalAuthentication', decorate: Optional },
    { name: '@Authenticated', decorate: Authenticated },
    { name: '@RequiresPermission', decorate: () => RequiresPermission('a') },
  ]) {
    it(`has ${name} named where it can't stand`, () => {
      expect(() => Reflect.apply(decorate(), undefined, [class Tasks {}, 'act'])).to.throw(TypeError, name)
    })
  }

  it('asks for as many roles and agent scopes as there are', () => {
    const { requirement } = compileRequirement(define({ act: [Role('a'), RequiresAgentScope('b')] }), 'act')
    expect(describeRequirement(requirement)).to.equal('role a, and an agent with scope b')
  })

  it('asks each of two policies that share a name, and each once', () => {
    const owner = (): (new () => Policy) =>
      class Owner {
        permits() {
          return true
        }
      }
    const [one, other] = [owner(), owner()] as const
    const [first, second] = [policy(one), policy(other)]
    const act = [first, second, first, policy(one, other), policy(one, other)].map((each) => Requires(each))
    const { requirement } = compileRequirement(define({ act }), 'act')
    expect(requirement).to.deep.equal({ access: 'authenticated', allOf: [first, second, policy(one, other)] })
  })

  it('is frozen', () => {
    for (const decorators of [[], [Anonymous()], [Optional()], [Role('a')]]) {
      const { requirement } = compileRequirement(define({ act: decorators }), 'act')
      expect(requirement).to.be.frozen
      if (requirement.access === 'authenticated') expect(requirement.allOf).to.be.frozen
    }
  })

  it('of one method says nothing about another', () => {
    class Tasks {
      @Role('a')
      first() {}

      @Anonymous()
      second() {}

      third() {}
    }
    const words = ['first', 'second', 'third'].map((name) =>
      describeRequirement(compileRequirement(Tasks, name).requirement),
    )
    expect(words).to.deep.equal(['role a', ANYONE, DEFAULT])
  })

  it('of two classes with one parent has nothing of the other', () => {
    class Base {
      act() {}
    }
    @Role('a')
    class Left extends Base {}
    @Anonymous()
    class Right extends Base {}
    const words = [Base, Left, Right].map((one) => describeRequirement(compileRequirement(one, 'act').requirement))
    expect(words).to.deep.equal([DEFAULT, 'role a', ANYONE])
  })

  it('counts what is put by hand on a method that is merely inherited', () => {
    class Parent {
      read() {}
    }
    class Child extends Parent {}
    const read = Object.getOwnPropertyDescriptor(Parent.prototype, 'read') as PropertyDescriptor
    Role('admin')(Child.prototype, 'read', read)
    expect(compileRequirement(Child, 'read').requirement).to.deep.equal({
      access: 'authenticated',
      allOf: [{ kind: 'role', anyOf: ['admin'] }],
    })
    expect(compileRequirement(Parent, 'read').explicit).to.equal(false)
  })

  it('is found for methods named by symbols', () => {
    const act = Symbol('act')
    class Tasks {
      @Anonymous()
      @Role('a')
      [act]() {}
    }
    class Child extends Tasks {
      @Anonymous()
      override [act]() {}
    }
    expect(describeRequirement(compileRequirement(Tasks, act).requirement)).to.equal(ANYONE)
    expect(compileRequirement(Child, act).problems.map(({ message }) => message)).to.deep.equal([
      '@AllowAnonymous contradicts @RequiresRole inherited from Tasks.Symbol(act); keep one of them',
    ])
  })
})
