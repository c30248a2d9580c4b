import { expect } from 'chai'
import { allOf, anyOf, not, policy } from 'inversify-koa-auth'
import { describe, it } from 'mocha'
import { attributeCondition } from '../../src/authorization/attribute-condition.js'
import { decide, type PolicyOutcome, type Shortfall } from '../../src/authorization/decide.js'
import { describeCondition, describeRequirement } from '../../src/authorization/describe-requirement.js'
import { jointRefusal, refusal, scopesIn } from '../../src/authorization/refusal.js'
import { ANY_VALID_TOKEN, type Requirement } from '../../src/authorization/requirement.js'
import { AgentScopeMissingError } from '../../src/errors/agent-scope-missing-error.js'
import { aPrincipal } from '../support/a-principal.js'

const role = (...names: readonly string[]) => attributeCondition('role', names)

describe('a role condition', () => {
  it('is sorted, without repetition, and frozen', () => {
    const condition = role('manager', 'admin', 'manager')
    expect(condition).to.deep.equal({ kind: 'role', anyOf: ['admin', 'manager'] })
    expect(condition).to.be.frozen
    expect(condition.anyOf).to.be.frozen
  })

  it('leaves the list it is made from as it was', () => {
    const roles = ['b', 'a']
    attributeCondition('role', roles)
    expect(roles).to.deep.equal(['b', 'a'])
    expect(roles).not.to.be.frozen
  })

  it('is none without roles', () => {
    expect(() => role()).to.throw(TypeError, 'at least one role is needed')
  })

  for (const names of [[''], ['admin', ''], [undefined], [null], [5], [['admin']]]) {
    it(`is none with ${JSON.stringify(names)}`, () => {
      expect(() => attributeCondition('role', names as string[])).to.throw(
        TypeError,
        'every role has to be a non-empty string',
      )
    })
  }
})

describe('a condition of any kind', () => {
  it('is none with what is no list', () => {
    expect(() => attributeCondition('group', 'staff' as unknown as string[])).to.throw(
      TypeError,
      'groups have to be a list',
    )
  })

  it('takes names with spaces, except for scopes', () => {
    expect(attributeCondition('group', ['night shift'])).to.deep.equal({ kind: 'group', anyOf: ['night shift'] })
    expect(() => attributeCondition('scope', ['tasks:read', 'night shift'])).to.throw(
      TypeError,
      'a scope has no spaces',
    )
  })
})

describe('a policy', () => {
  class First {
    permits() {
      return true
    }
  }
  class Second extends First {}
  const outcomes = (first: PolicyOutcome, second: PolicyOutcome) => {
    const asked: unknown[] = []
    const ask = (policy: unknown): PolicyOutcome => {
      asked.push(policy)
      return policy === First ? first : second
    }
    return { asked, ask, later: async (policy: unknown) => ask(policy) }
  }

  for (const { what, condition } of [
    { what: 'another of the same condition', condition: policy(First, Second) },
    { what: 'another condition', condition: anyOf(policy(First), policy(Second)) },
  ]) {
    it(`is not asked where ${what} is enough already`, async () => {
      const { asked, ask, later } = outcomes('met', 'failed')
      expect(decide([condition], aPrincipal({}), ask)).to.deep.equal([])
      expect(asked).to.deep.equal([First])
      expect(await decide([condition], aPrincipal({}), later)).to.deep.equal([])
      expect(asked).to.deep.equal([First, First])
    })
  }

  it('is named where it is missing beside others', () => {
    const { ask } = outcomes('unmet', 'unmet')
    const conditions = [allOf(policy(First), policy(Second), role('a')), policy(First)]
    const unmet = decide(conditions, aPrincipal({ roles: ['a'] }), ask) as readonly Shortfall[]
    expect(unmet.map(({ condition }) => describeCondition(condition))).to.deep.equal([
      '(policy First and policy Second)',
      'policy First',
    ])
    expect(refusal(unmet.map(({ condition }) => condition)).missing).to.deep.equal({ policies: ['First', 'Second'] })
  })

  it('fails a condition only where no other of it says no', () => {
    const both = policy(First, Second)
    const outcome = (first: PolicyOutcome, second: PolicyOutcome) =>
      (decide([both], aPrincipal({}), outcomes(first, second).ask) as readonly Shortfall[])[0]?.outcome
    expect(outcome('failed', 'failed')).to.equal('failed')
    expect(outcome('failed', 'unmet')).to.equal(outcome('unmet', 'failed'))
  })
})

describe('names in a sentence', () => {
  for (const { name, sentence } of [
    { name: 'tasks:read', sentence: 'role tasks:read' },
    { name: 'night shift', sentence: 'role "night shift"' },
    { name: ' admin', sentence: 'role " admin"' },
    { name: 'admin ', sentence: 'role "admin "' },
    { name: 'or', sentence: 'role "or"' },
    { name: 'not', sentence: 'role "not"' },
    { name: 'order', sentence: 'role order' },
  ]) {
    it(`are quoted where they could be taken for something else: ${sentence}`, () => {
      expect(describeCondition(role(name))).to.equal(sentence)
    })
  }

  it('are separated in what a caller must not have', () => {
    expect(refusal([not(role('guest', 'trial'))]).message).to.equal('Requires none of roles: guest, trial')
  })
})

describe('deciding', () => {
  for (const { conditions, roles, unmet } of [
    { conditions: [], roles: [], unmet: [] },
    { conditions: [role('a')], roles: ['a'], unmet: [] },
    { conditions: [role('a', 'b')], roles: ['b'], unmet: [] },
    { conditions: [role('a', 'b')], roles: ['c', 'b', 'a'], unmet: [] },
    { conditions: [role('a')], roles: [], unmet: [role('a')] },
    { conditions: [role('a')], roles: ['A'], unmet: [role('a')] },
    { conditions: [role('admin')], roles: ['administrator', 'adm'], unmet: [role('admin')] },
    { conditions: [role('a'), role('b')], roles: ['a', 'b'], unmet: [] },
    { conditions: [role('a'), role('b')], roles: ['a'], unmet: [role('b')] },
    { conditions: [role('a'), role('b', 'c'), role('d')], roles: ['d'], unmet: [role('a'), role('b', 'c')] },
  ]) {
    it(`${describeRequirement({ access: 'authenticated', allOf: conditions })}, asked of [${roles}]`, () => {
      const found = decide(conditions, aPrincipal({ roles }))
      expect(found).to.deep.equal(unmet.map((condition) => ({ condition, outcome: 'unmet' })))
    })
  }
})

describe('a refusal', () => {
  for (const { unmet, message, roles } of [
    { unmet: [role('admin')], message: 'Requires one of roles: admin', roles: ['admin'] },
    {
      unmet: [role('manager', 'admin')],
      message: 'Requires one of roles: admin, manager',
      roles: ['admin', 'manager'],
    },
    {
      unmet: [role('admin', 'manager'), role('admin', 'auditor')],
      message: 'Requires one of roles: admin, manager; and one of roles: admin, auditor',
      roles: ['admin', 'manager', 'auditor'],
    },
  ]) {
    it(`names everything that is missing: ${message}`, () => {
      const error = refusal(unmet)
      expect(error).to.include({ status: 403, message })
      expect(error.missing).to.deep.equal({ roles })
    })
  }
})

describe('a joint refusal', () => {
  it('names what the caller lacks and what the agent at work lacks', () => {
    const error = jointRefusal(refusal([role('admin')]), new AgentScopeMissingError([['a', 'b']]))
    expect(error).to.include({
      status: 403,
      code: 'insufficient_permissions',
      message: 'Requires one of roles: admin. Agent missing required scope; required one of: a, b',
    })
    expect(error.missing).to.deep.equal({ roles: ['admin'], agentScopes: ['a', 'b'] })
    expect(error.missing).to.be.frozen
  })
})

describe('the scopes to ask for', () => {
  it('are those of all conditions, each once; none where there are no scopes', () => {
    const scope = (...names: readonly string[]) => attributeCondition('scope', names)
    expect(scopesIn([scope('a', 'b'), role('c'), anyOf(scope('b', 'd'), not(scope('e')))])).to.deep.equal([
      'a',
      'b',
      'd',
    ])
    expect(scopesIn([role('c')])).to.deep.equal([])
  })
})

describe('a requirement in words', () => {
  const requirements: readonly { requirement: Requirement; words: string }[] = [
    { requirement: { access: 'anonymous' }, words: 'anyone' },
    { requirement: { access: 'optional' }, words: 'anyone; a token that is sent has to be valid' },
    { requirement: ANY_VALID_TOKEN, words: 'any valid token' },
    { requirement: { access: 'authenticated', allOf: [role('manager', 'admin')] }, words: 'role admin or manager' },
    {
      requirement: { access: 'authenticated', allOf: [role('admin', 'manager'), role('auditor')] },
      words: 'role admin or manager, and role auditor',
    },
  ]
  for (const { requirement, words } of requirements) {
    it(`says ${words}`, () => {
      expect(describeRequirement(requirement)).to.equal(words)
    })
  }
})
