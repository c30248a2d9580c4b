import { expect } from 'chai'
import { describe, it } from 'mocha'
import { compileRequirement } from '../../src/authorization/compile-requirement.js'
import { describeRequirement } from '../../src/authorization/describe-requirement.js'
import { RequiresAgentScope } from '../../src/authorization/requires-agent-scope.js'
import {
  AllowAnonymous,
  Authenticated,
  OptionalAuthentication,
  RequiresRole,
} from '../../src/authorization/security-decorators.js'

describe('@RequiresAgentScope', () => {
  @RequiresAgentScope('class')
  class Parent {
    @RequiresAgentScope('b', 'a', 'b')
    @RequiresAgentScope('c')
    several() {}

    plain() {}

    @RequiresRole('editor')
    @RequiresAgentScope('class')
    mixed() {}

    @AllowAnonymous()
    open() {}

    @RequiresAgentScope('parent')
    overridden() {}

    @RequiresAgentScope('parent')
    @AllowAnonymous()
    contradictory() {}

    @OptionalAuthentication()
    @RequiresAgentScope('parent')
    optional() {}
  }

  class Child extends Parent {
    @RequiresAgentScope('child')
    override overridden() {}
  }

  @AllowAnonymous()
  class OpenClass {
    @RequiresAgentScope('a')
    closed() {}

    open() {}
  }

  @AllowAnonymous()
  @RequiresAgentScope('a')
  class Contradiction {
    act() {}
  }

  for (const { rule, of, method, requirement, sentence } of [
    {
      rule: 'on a class it counts for every method',
      of: Parent,
      method: 'plain',
      requirement: { access: 'authenticated', allOf: [], agentScopes: [['class']] },
      sentence: 'any valid token, and an agent with scope class',
    },
    {
      rule: 'arguments are OR, several of them AND, class and method add up',
      of: Parent,
      method: 'several',
      requirement: { access: 'authenticated', allOf: [], agentScopes: [['class'], ['a', 'b'], ['c']] },
      sentence:
        'any valid token, and an agent with scope class, and an agent with scope a or b, and an agent with scope c',
    },
    {
      rule: 'it stands beside what is asked of the caller, and the same twice is one',
      of: Parent,
      method: 'mixed',
      requirement: {
        access: 'authenticated',
        allOf: [{ kind: 'role', anyOf: ['editor'] }],
        agentScopes: [['class']],
      },
      sentence: 'role editor, and an agent with scope class',
    },
    {
      rule: "a method's own opening opens a restricted class",
      of: Parent,
      method: 'open',
      requirement: { access: 'anonymous' },
      sentence: 'anyone',
    },
    {
      rule: 'it is inherited, by overriding methods too',
      of: Child,
      method: 'overridden',
      requirement: { access: 'authenticated', allOf: [], agentScopes: [['class'], ['child'], ['parent']] },
      sentence:
        'any valid token, and an agent with scope class, and an agent with scope child, and an agent with scope parent',
    },
    {
      rule: "a method's wins over its class's opening",
      of: OpenClass,
      method: 'closed',
      requirement: { access: 'authenticated', allOf: [], agentScopes: [['a']] },
      sentence: 'any valid token, and an agent with scope a',
    },
    {
      rule: 'and leaves the others open',
      of: OpenClass,
      method: 'open',
      requirement: { access: 'anonymous' },
      sentence: 'anyone',
    },
  ]) {
    it(rule, () => {
      const compiled = compileRequirement(of, method)
      expect(compiled.problems).to.deep.equal([])
      expect(compiled.explicit).to.equal(true)
      expect(compiled.requirement).to.deep.equal(requirement)
      expect(describeRequirement(compiled.requirement)).to.equal(sentence)
      expect(compiled.requirement).to.be.frozen
      if ('agentScopes' in compiled.requirement) {
        expect(compiled.requirement.agentScopes).to.be.frozen
        for (const anyOf of compiled.requirement.agentScopes ?? []) expect(anyOf).to.be.frozen
      }
    })
  }

  it('is no part of a requirement that has nothing of it', () => {
    class Plain {
      @Authenticated()
      act() {}

      @RequiresRole('a')
      role() {}
    }
    for (const method of ['act', 'role']) {
      expect(compileRequirement(Plain, method).requirement).not.to.have.property('agentScopes')
    }
  })

  for (const { what, of, method, place, message } of [
    {
      what: '@AllowAnonymous on the same method',
      of: Parent,
      method: 'contradictory',
      place: 'method',
      message: '@AllowAnonymous contradicts @RequiresAgentScope; keep one of them',
    },
    {
      what: '@OptionalAuthentication on the same method',
      of: Parent,
      method: 'optional',
      place: 'method',
      message: '@OptionalAuthentication contradicts @RequiresAgentScope; keep one of them',
    },
    {
      what: '@AllowAnonymous on the same class',
      of: Contradiction,
      method: 'act',
      place: 'class',
      message: '@AllowAnonymous contradicts @RequiresAgentScope; keep one of them',
    },
  ]) {
    it(`contradicts ${what}`, () => {
      expect(compileRequirement(of, method).problems).to.deep.equal([{ place, message }])
    })
  }

  it('does not compile without scopes, or with anything but texts, and throws when it does', () => {
    // @ts-expect-error at least one scope
    expect(() => RequiresAgentScope()(class Tasks {})).to.throw(TypeError, 'at least one agent scope')
    // @ts-expect-error a scope is a text
    expect(() => RequiresAgentScope(5)(class Tasks {})).to.throw(TypeError, 'non-empty string')
    // @ts-expect-error not a list, but one argument each
    expect(() => RequiresAgentScope(['a'])(class Tasks {})).to.throw(TypeError, 'non-empty string')
    expect(() => RequiresAgentScope('')(class Tasks {})).to.throw(TypeError, 'non-empty string')
    expect(() => RequiresAgentScope(...([] as unknown as [string]))(class Tasks {})).to.throw(
      TypeError,
      'at least one agent scope',
    )
  })

  it('belongs on a class or an instance method', () => {
    const misplaced = RequiresAgentScope('a') as unknown as (...place: unknown[]) => void
    class Tasks {
      static read() {}
    }
    expect(() => misplaced(Tasks, 'read', Object.getOwnPropertyDescriptor(Tasks, 'read'))).to.throw(
      TypeError,
      '@RequiresAgentScope belongs on a class or an instance method',
    )
    expect(() => misplaced(Tasks.prototype, 'field', undefined)).to.throw(TypeError, '@RequiresAgentScope')
  })
})
