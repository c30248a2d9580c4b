import { expect } from 'chai'
import { describe, it } from 'mocha'
import { attributeCondition } from '../../src/authorization/attribute-condition.js'
import { decide } from '../../src/authorization/decide.js'
import { describeRequirement } from '../../src/authorization/describe-requirement.js'
import { refusal } from '../../src/authorization/refusal.js'
import { ANY_VALID_TOKEN, type Requirement } from '../../src/authorization/requirement.js'
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
