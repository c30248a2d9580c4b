import { expect } from 'chai'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { type AskPolicy, decide, type PolicyOutcome } from '../../src/authorization/decide.js'
import type { Principal } from '../../src/authorization/principal.js'
import type { AttributeKind, Condition, PolicyClass } from '../../src/authorization/requirement.js'
import { RoleHierarchy } from '../../src/authorization/role-hierarchy.js'
import { aPrincipal } from '../support/a-principal.js'

/*
 * A model that is slow and obvious: it tries every way the failures could have turned out. A condition lets a caller
 * in for sure only when it does so in every one of them; what depends on a failure has failed.
 */

const NAMES = ['a', 'b', 'c', 'a:b', 'a:*', '*', '__proto__']
const OUTCOMES: readonly PolicyOutcome[] = ['met', 'unmet', 'failed', 'unavailable']

interface Asked {
  readonly policy: PolicyClass
  readonly outcome: PolicyOutcome
  readonly later: boolean
}

const policies: readonly Asked[] = OUTCOMES.flatMap((outcome) =>
  [false, true].map((later) => ({ policy: class {}, outcome, later })),
)

const attribute = fc
  .tuple(fc.constantFrom<AttributeKind>('role', 'group', 'scope', 'permission'), someOf(NAMES))
  .map(([kind, anyOf]): Condition => ({ kind, anyOf }))

const policyCondition = someOf(policies.map(({ policy }) => policy)).map(
  (anyOf): Condition => ({ kind: 'policy', anyOf }),
)

const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { depthSize: 'small', maxDepth: 4 },
    attribute,
    policyCondition,
    fc.array(tie('condition'), { minLength: 1, maxLength: 3 }).map((of): Condition => ({ kind: 'allOf', of })),
    fc.array(tie('condition'), { minLength: 1, maxLength: 3 }).map((of): Condition => ({ kind: 'anyOf', of })),
    tie('condition').map((of): Condition => ({ kind: 'not', of })),
  ),
}))

/** Roles lead to later ones only, so that no way leads back. */
const hierarchy = fc
  .dictionary(fc.constantFrom('a', 'b', 'c'), fc.subarray(['b', 'c', 'a:b']), { maxKeys: 3, noNullPrototype: true })
  .map((edges) =>
    Object.fromEntries(Object.entries(edges).map(([from, to]) => [from, to.filter((role) => role > from)])),
  )

const principal = fc
  .record({
    roles: fc.subarray(NAMES),
    groups: fc.subarray(NAMES),
    scopes: fc.subarray(NAMES),
    permissions: fc.subarray(NAMES),
    scopeWildcards: fc.boolean(),
  })
  .chain((held) => hierarchy.map((edges) => ({ held, edges })))

describe('deciding, compared with a slow and obvious model', () => {
  it('agrees on random requirement trees, hierarchies and principals', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(condition, { maxLength: 4 }), principal, async (allOf, { held, edges }) => {
        const roles = new RoleHierarchy(edges).complete(held.roles)
        const caller = aPrincipal({ ...held, roles })
        const found = await decide(allOf, caller, ask)
        const met = (each: Condition) => certainly(each, { ...caller, roles: everyRole(held.roles, edges) }) === true
        expect(found.length === 0).to.equal(allOf.every(met))
        expect(found.length).to.equal(allOf.filter((each) => !met(each)).length)
        const refused = allOf.filter((each) => certainly(each, caller) === false).length
        expect(found.filter(({ outcome }) => outcome === 'unmet').length).to.equal(refused)
      }),
      { numRuns: 3000 },
    )
  })

  it('waits for nothing that answers at once', () => {
    fc.assert(
      fc.property(fc.array(condition, { maxLength: 3 }), principal, (allOf, { held }) => {
        const atOnce: AskPolicy = (policy) => asked(policy).outcome
        expect(decide(allOf, aPrincipal(held), atOnce)).to.be.an('array')
      }),
    )
  })

  it('lets nobody pass a policy that nobody asks', () => {
    const [first] = policies as [Asked]
    const condition: Condition = { kind: 'policy', anyOf: [first.policy] }
    expect(decide([condition], aPrincipal({}))).to.deep.equal([{ condition, outcome: 'failed' }])
    expect(decide([{ kind: 'not', of: condition }], aPrincipal({}))).to.have.length(1)
  })
})

function asked(policy: PolicyClass): Asked {
  return policies.find((each) => each.policy === policy) as Asked
}

function ask(policy: PolicyClass): PolicyOutcome | Promise<PolicyOutcome> {
  const { outcome, later } = asked(policy)
  return later ? Promise.resolve(outcome) : outcome
}

/** `true` or `false` where it is so however the failures turn out, `undefined` where it depends on them. */
function certainly(condition: Condition, principal: Principal): boolean | undefined {
  const answers = new Set([true, false].map((failuresAre) => holds(condition, principal, failuresAre)))
  const opposed = new Set([true, false].map((failuresAre) => holds(condition, principal, failuresAre, true)))
  const all = new Set([...answers, ...opposed])
  return all.size === 1 ? [...all][0] : undefined
}

/** Under `not`, the failures that harm are those that turn out the other way. */
function holds(condition: Condition, principal: Principal, failuresAre: boolean, flip = false): boolean {
  switch (condition.kind) {
    case 'allOf':
      return condition.of.every((each) => holds(each, principal, failuresAre, flip))
    case 'anyOf':
      return condition.of.some((each) => holds(each, principal, failuresAre, flip))
    case 'not':
      return !holds(condition.of, principal, flip ? failuresAre : !failuresAre, flip)
    case 'policy':
      return condition.anyOf.map(asked).some(({ outcome }) => (fails(outcome) ? failuresAre : outcome === 'met'))
    default:
      return condition.anyOf.some((name) =>
        held(condition.kind, principal).some((one) => covers(one, name, condition.kind, principal)),
      )
  }
}

function fails(outcome: PolicyOutcome): boolean {
  return outcome === 'failed' || outcome === 'unavailable'
}

function held(kind: AttributeKind, { roles, claims }: Principal): readonly string[] {
  return { role: roles, group: claims.groups, scope: claims.scopes, permission: claims.permissions }[kind]
}

function covers(granted: string, required: string, kind: AttributeKind, { scopeWildcards }: Principal): boolean {
  if (granted === required) return true
  if (kind !== 'scope' || scopeWildcards !== true) return false
  if (granted === '*') return true
  const [branch, star, ...rest] = granted.split(':')
  return star === '*' && rest.length === 0 && required.split(':')[0] === branch
}

/** Adds what comes along until nothing new does. */
function everyRole(roles: readonly string[], edges: Readonly<Record<string, readonly string[]>>): readonly string[] {
  const more = [
    ...new Set([...roles, ...roles.flatMap((role) => (Object.hasOwn(edges, role) ? (edges[role] ?? []) : []))]),
  ]
  return more.length === roles.length ? more : everyRole(more, edges)
}

function someOf<Item>(items: readonly Item[]) {
  return fc.subarray([...items], { minLength: 1, maxLength: 3 })
}
