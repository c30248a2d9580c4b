import { expect } from 'chai'
import { allOf, anyOf, group, not, permission, policy, type Requires, role, scope } from 'inversify-koa-auth'
import { describe, it } from 'mocha'
import { checkedCondition } from '../../src/authorization/condition.js'
import { describeRequirement } from '../../src/authorization/describe-requirement.js'
import { refusal, scopesIn } from '../../src/authorization/refusal.js'
import type { Condition } from '../../src/authorization/requirement.js'

class OpenHours {
  permits(): boolean {
    return true
  }
}
class Owner extends OpenHours {}

const refund = anyOf(role('admin'), allOf(scope('orders:write'), group('ops', 'desk')))

describe('a condition', () => {
  it('is plain and frozen all the way down', () => {
    expect(refund).to.deep.equal({
      kind: 'anyOf',
      of: [
        { kind: 'role', anyOf: ['admin'] },
        {
          kind: 'allOf',
          of: [
            { kind: 'scope', anyOf: ['orders:write'] },
            { kind: 'group', anyOf: ['desk', 'ops'] },
          ],
        },
      ],
    })
    for (const part of [refund, refund.of, refund.of[1], (refund.of[1] as { of: object }).of]) expect(part).to.be.frozen
  })

  it('keeps policies in the order given, each once', () => {
    expect(policy(Owner, OpenHours, Owner)).to.deep.equal({ kind: 'policy', anyOf: [Owner, OpenHours] })
  })

  it('is copied when it was written by hand', () => {
    const byHand = { kind: 'not' as const, of: { kind: 'role' as const, anyOf: ['guest', 'guest'] } }
    const condition = checkedCondition(byHand)
    byHand.of.anyOf.push('admin')
    expect(condition).to.deep.equal({ kind: 'not', of: { kind: 'role', anyOf: ['guest'] } })
  })

  it('is copied whatever its kind', () => {
    for (const condition of [
      role('a'),
      group('a'),
      scope('a'),
      permission('a'),
      policy(Owner),
      refund,
      not(role('a')),
    ]) {
      const copy = checkedCondition(condition)
      expect(copy).to.deep.equal(condition)
      expect(copy).not.to.equal(condition)
    }
  })

  for (const { what, make, message } of [
    {
      what: 'allOf nothing',
      make: () => Reflect.apply(allOf, null, []),
      message: 'allOf needs at least one condition',
    },
    {
      what: 'anyOf nothing',
      make: () => Reflect.apply(anyOf, null, []),
      message: 'anyOf needs at least one condition',
    },
    { what: 'no groups', make: () => Reflect.apply(group, null, []), message: 'at least one group is needed' },
    { what: 'no policies', make: () => Reflect.apply(policy, null, []), message: 'at least one policy is needed' },
    { what: 'an empty scope', make: () => scope(''), message: 'every scope has to be a non-empty string' },
    { what: 'two scopes in one string', make: () => scope('a b'), message: 'a scope has no spaces' },
    { what: 'a scope with a quotation mark', make: () => scope('a"b'), message: 'a scope has no spaces' },
    { what: 'a scope with a line break', make: () => scope('a\nb'), message: 'a scope has no spaces' },
    { what: 'an empty permission', make: () => permission('a', ''), message: 'every permission has to be' },
    { what: 'an undefined policy', make: () => Reflect.apply(policy, null, [undefined]), message: 'circular import' },
    { what: 'a policy that is an arrow', make: () => Reflect.apply(policy, null, [() => true]), message: 'be a class' },
    {
      what: 'a name in place of a condition',
      make: () => Reflect.apply(anyOf, null, ['admin']),
      message: 'is made by',
    },
    { what: 'not nothing', make: () => Reflect.apply(not, null, []), message: 'a condition is made by' },
    { what: 'an unknown kind', make: () => checkedCondition({ kind: 'rol', anyOf: ['a'] }), message: 'is made by' },
    {
      what: 'allOf a string',
      make: () => checkedCondition({ kind: 'allOf', of: 'admin' }),
      message: 'takes conditions',
    },
    {
      what: 'a policy that is no list',
      make: () => checkedCondition({ kind: 'policy', anyOf: Owner }),
      message: 'a list',
    },
    { what: 'a list in place of one', make: () => checkedCondition([role('a')]), message: 'is made by' },
  ]) {
    it(`is none: ${what}`, () => {
      expect(make).to.throw(TypeError, message)
    })
  }

  it('of a wrong kind does not compile', () => {
    const wrong = (requires: typeof Requires) => {
      // @ts-expect-error: one condition, not a name
      requires('admin')
      // @ts-expect-error: no condition at all
      requires()
      // @ts-expect-error: an empty list would let nobody in
      allOf()
      // @ts-expect-error: an empty list would let nobody in
      scope()
      // @ts-expect-error: a policy is a class, not an instance
      policy(new OpenHours())
      // @ts-expect-error: a policy has permits
      policy(class Clock {})
      // @ts-expect-error: permits answers with a boolean
      policy(class Wordy { permits = () => 'yes' }) // biome-ignore format: one line, so that the comment above is about it
    }
    expect(wrong).to.be.a('function')
  })
})

describe('conditions in words', () => {
  const closed = (...conditions: readonly Condition[]) => ({ access: 'authenticated' as const, allOf: conditions })
  for (const { conditions, sentence, text, missing } of [
    {
      conditions: [role('admin', 'manager'), scope('orders:write')],
      sentence: 'role admin or manager, and scope orders:write',
      text: 'Requires one of roles: admin, manager; and one of scopes: orders:write',
      missing: { roles: ['admin', 'manager'], scopes: ['orders:write'] },
    },
    {
      conditions: [refund],
      sentence: '(role admin or (scope orders:write and group desk or ops))',
      text: 'Requires any of (one of roles: admin; all of (one of scopes: orders:write; one of groups: desk, ops))',
      missing: { roles: ['admin'], scopes: ['orders:write'], groups: ['desk', 'ops'] },
    },
    {
      conditions: [not(role('guest')), not(not(permission('p'))), not(refund)],
      sentence:
        'not role guest, and not not permission p, and not (role admin or (scope orders:write and group desk or ops))',
      text: 'Requires none of roles: guest; and one of permissions: p; and not any of (one of roles: admin; all of (one of scopes: orders:write; one of groups: desk, ops))',
      missing: { permissions: ['p'] },
    },
    {
      conditions: [not(not(not(role('a')))), not(allOf(group('g'), not(scope('s')), not(not(scope('t')))))],
      sentence: 'not not not role a, and not (group g and not scope s and not not scope t)',
      text: 'Requires none of roles: a; and not all of (one of groups: g; none of scopes: s; one of scopes: t)',
      missing: { scopes: ['s'] },
    },
    {
      conditions: [not(anyOf(not(policy(Owner)), not(not(policy(OpenHours))), not(anyOf(role('a'), role('b')))))],
      sentence: 'not (not policy Owner or not not policy OpenHours or not (role a or role b))',
      text: 'Requires not any of (none of policies: Owner; one of policies: OpenHours; not any of (one of roles: a; one of roles: b))',
      missing: { policies: ['Owner'], roles: ['a', 'b'] },
    },
    {
      conditions: [policy(Owner, OpenHours)],
      sentence: 'policy Owner or OpenHours',
      text: 'Requires one of policies: Owner, OpenHours',
      missing: { policies: ['Owner', 'OpenHours'] },
    },
  ]) {
    it(`say ${sentence}`, () => {
      expect(describeRequirement(closed(...conditions))).to.equal(sentence)
      const error = refusal(conditions)
      expect(error.message).to.equal(text)
      expect(error.missing).to.deep.equal(missing)
      expect(error.extensions).to.deep.equal(Object.keys(missing).length === 0 ? {} : { missing })
    })
  }

  it('have nothing missing where a caller only has too much', () => {
    const error = refusal([not(role('guest')), not(refund)])
    expect(error.missing).to.deep.equal({})
    expect(error.extensions).to.deep.equal({})
  })

  it('put scopes that are missing into the challenge, each once', () => {
    const error = refusal([scope('b', 'a'), anyOf(scope('a'), scope('c'))])
    expect(error.headers).to.deep.equal({ 'WWW-Authenticate': 'Bearer error="insufficient_scope", scope="a b c"' })
  })

  it('tell which scopes to ask the authorization server for, and not which to do without', () => {
    const conditions = [refund, scope('a'), not(scope('b')), not(not(scope('c'))), not(not(not(scope('d')))), role('x')]
    expect(scopesIn(conditions)).to.deep.equal(['orders:write', 'a', 'c'])
  })
})
