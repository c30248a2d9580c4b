import { expect } from 'chai'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { decide, type PolicyOutcome } from '../../src/authorization/decide.js'
import type { AttributeKind, Condition, PolicyClass } from '../../src/authorization/requirement.js'
import { coversScope } from '../../src/authorization/scope-grant.js'
import { heldBy, reaches, type Verdict, verdictOn, verdictOnAll } from '../../src/testing/condition-verdict.js'
import { aPrincipal } from '../support/a-principal.js'

const NAMES = ['a', 'b', 'a:b', 'a:*', '*', 'constructor', '__proto__']

class First {}
class Second {}

const some = <Item>(items: readonly Item[]) =>
  fc.subarray([...items], { minLength: 1, maxLength: Math.min(3, items.length) })

const attribute = fc
  .tuple(fc.constantFrom<AttributeKind>('role', 'group', 'scope', 'permission'), some(NAMES))
  .map(([kind, anyOf]): Condition => ({ kind, anyOf }))

const asksPolicies = some<PolicyClass>([First, Second]).map((anyOf): Condition => ({ kind: 'policy', anyOf }))

const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { depthSize: 'small', maxDepth: 4 },
    attribute,
    asksPolicies,
    fc.array(tie('condition'), { minLength: 1, maxLength: 3 }).map((of): Condition => ({ kind: 'allOf', of })),
    fc.array(tie('condition'), { minLength: 1, maxLength: 3 }).map((of): Condition => ({ kind: 'anyOf', of })),
    tie('condition').map((of): Condition => ({ kind: 'not', of })),
  ),
}))

const principal = fc
  .record({
    roles: fc.subarray(NAMES),
    groups: fc.subarray(NAMES),
    scopes: fc.subarray(NAMES),
    permissions: fc.subarray(NAMES),
    scopeWildcards: fc.boolean(),
  })
  .map(aPrincipal)

describe('the verdict on a condition', () => {
  it('is what guards decide, whatever the policies say', () => {
    const answers = fc.tuple(fc.boolean(), fc.boolean())
    fc.assert(
      fc.property(fc.array(condition, { maxLength: 4 }), principal, answers, (allOf, caller, [first, second]) => {
        const ask = (policy: PolicyClass): PolicyOutcome => ((policy === First ? first : second) ? 'met' : 'unmet')
        const unmet = decide(allOf, caller, ask) as readonly unknown[]
        const verdict = verdictOnAll(allOf, heldBy(caller))
        if (verdict === 'open') expect(JSON.stringify(allOf)).to.contain('"policy"')
        else expect(verdict).to.equal(unmet.length === 0 ? 'met' : 'unmet')
      }),
      { numRuns: 2000 },
    )
  })

  it('is open where, and only where, policies settle it', () => {
    const role: Condition = { kind: 'role', anyOf: ['a'] }
    const policy: Condition = { kind: 'policy', anyOf: [First] }
    const other: Condition = { kind: 'policy', anyOf: [Second] }
    const table: readonly [Condition, readonly string[], Verdict][] = [
      [policy, [], 'open'],
      [{ kind: 'not', of: policy }, [], 'open'],
      [{ kind: 'allOf', of: [role, policy] }, ['a'], 'open'],
      [{ kind: 'allOf', of: [role, policy] }, [], 'unmet'],
      [{ kind: 'anyOf', of: [role, policy] }, ['a'], 'met'],
      [{ kind: 'anyOf', of: [role, policy] }, [], 'open'],
      [{ kind: 'allOf', of: [policy, { kind: 'not', of: other }] }, [], 'open'],
    ]
    for (const [asked, roles, verdict] of table) {
      expect(verdictOn(asked, heldBy(aPrincipal({ roles }))), JSON.stringify(asked)).to.equal(verdict)
    }
  })

  it('knows the wildcards that guards know', () => {
    const scope = fc.array(fc.constantFrom('a', 'b', '*', ':'), { minLength: 1, maxLength: 5 }).map((it) => it.join(''))
    fc.assert(
      fc.property(scope, scope, (granted, wanted) => {
        expect(reaches(granted, wanted)).to.equal(coversScope([granted], wanted))
      }),
      { numRuns: 2000 },
    )
  })
})
