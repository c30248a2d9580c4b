import { expect } from 'chai'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { type AskPolicy, decide, type PolicyOutcome } from '../../src/authorization/decide.js'
import type { Principal } from '../../src/authorization/principal.js'
import { refusal } from '../../src/authorization/refusal.js'
import type { AttributeKind, Condition, PolicyClass } from '../../src/authorization/requirement.js'
import { RoleHierarchy } from '../../src/authorization/role-hierarchy.js'
import { aPrincipal, type Holdings } from '../support/a-principal.js'

/*
 * A model that is slow and obvious: what docs/adr/0013 and docs/three-questions.md say, sentence by sentence. It takes
 * nothing from the code, the completion of roles included.
 */

const NAMES = ['a', 'b', 'c', 'a:b', 'a:c', 'a:b:c', 'a:*', 'a:b:*', 'a*', '*', '__proto__']
const PLURALS = [
  ['roles', 'role'],
  ['groups', 'group'],
  ['scopes', 'scope'],
  ['permissions', 'permission'],
  ['policies', 'policy'],
] as const
const OUTCOMES: readonly PolicyOutcome[] = ['met', 'unmet', 'failed', 'unavailable']

interface Asked {
  readonly policy: PolicyClass
  readonly outcome: PolicyOutcome
  readonly later: boolean
}

const policies: readonly Asked[] = OUTCOMES.flatMap((outcome) =>
  [false, true].map((later) => ({ policy: policyNamed(later ? `${outcome} later` : outcome), outcome, later })),
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
const hierarchy: fc.Arbitrary<Caller['edges']> = fc.record({
  a: fc.subarray(['b', 'c', 'a:b']),
  b: fc.subarray(['c', 'a:b']),
  c: fc.subarray(['a:b', '__proto__']),
})

/** Somebody with what was given, before any role comes along with another. */
interface Caller {
  readonly held: Required<Pick<Holdings, 'roles' | 'groups' | 'scopes' | 'permissions' | 'scopeWildcards'>>
  readonly edges: Readonly<Record<string, readonly string[]>>
}

const caller: fc.Arbitrary<Caller> = fc.record({
  held: fc.record({
    roles: fc.subarray(NAMES),
    groups: fc.subarray(NAMES),
    scopes: fc.subarray(NAMES),
    permissions: fc.subarray(NAMES),
    scopeWildcards: fc.boolean(),
  }),
  edges: hierarchy,
})

describe('deciding, compared with a slow and obvious model', () => {
  it('agrees on random requirement trees, hierarchies and principals: on each outcome, and on what is lacking', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(condition, { maxLength: 4 }), caller, async (allOf, who) => {
        const unmet = allOf.filter((each) => outcomeOf(each, who) !== 'met')
        const expected = unmet.map((each) => ({ condition: lackingOf(each, who), outcome: outcomeOf(each, who) }))
        expect(await decide(allOf, principal(who), ask)).to.deep.equal(expected)
      }),
      { numRuns: 2000 },
    )
  })

  it('lets in whoever gets in however the failures had turned out, and keeps out for good who never does', async () => {
    await fc.assert(
      fc.asyncProperty(condition, caller, async (one, who) => {
        const [found] = await decide([one], principal(who), ask)
        expect(found === undefined).to.equal(lets(one, who, 'failures harm'))
        expect(found?.outcome === 'unmet').to.equal(!lets(one, who, 'failures help'))
      }),
      { numRuns: 1000 },
    )
  })

  it('refuses in the names that a caller would have needed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(condition, { maxLength: 4 }), caller, async (allOf, who) => {
        const found = await decide(allOf, principal(who), ask)
        const unmet = allOf.filter((each) => outcomeOf(each, who) !== 'met')
        const needed = unmet.flatMap((each) => neededIn(lackingOf(each, who)))
        const { missing } = refusal(found.map((each) => each.condition))
        for (const [plural, kind] of PLURALS) {
          const names = needed.filter(([each]) => each === kind).map(([, name]) => name)
          expect(missing[plural] ?? []).to.deep.equal([...new Set(names)])
        }
      }),
      { numRuns: 1000 },
    )
  })

  it('waits for nothing that answers at once', () => {
    fc.assert(
      fc.property(fc.array(condition, { maxLength: 3 }), caller, (allOf, who) => {
        const atOnce: AskPolicy = (policy) => asked(policy).outcome
        expect(decide(allOf, principal(who), atOnce)).to.be.an('array')
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

/** Who the code is asked about, with the roles that the code completes. */
function principal({ held, edges }: Caller): Principal {
  return aPrincipal({ ...held, roles: new RoleHierarchy(edges).complete(held.roles) })
}

function asked(policy: PolicyClass): Asked {
  return policies.find((each) => each.policy === policy) as Asked
}

function ask(policy: PolicyClass): PolicyOutcome | Promise<PolicyOutcome> {
  const { outcome, later } = asked(policy)
  return later ? Promise.resolve(outcome) : outcome
}

/** "`allOf` is as bad as its worst part, `anyOf` as good as its best, `not` exchanges met and unmet." */
function outcomeOf(condition: Condition, who: Caller): PolicyOutcome {
  switch (condition.kind) {
    case 'allOf':
      return worst(condition.of.map((each) => outcomeOf(each, who)))
    case 'anyOf':
      return best(condition.of.map((each) => outcomeOf(each, who)))
    case 'not':
      return opposite(outcomeOf(condition.of, who))
    case 'policy':
      return best(condition.anyOf.map((policy) => asked(policy).outcome))
    default:
      return isHeld(condition, who) ? 'met' : 'unmet'
  }
}

function worst(parts: readonly PolicyOutcome[]): PolicyOutcome {
  if (parts.includes('unmet')) return 'unmet'
  if (parts.includes('failed')) return 'failed'
  if (parts.includes('unavailable')) return 'unavailable'
  return 'met'
}

function best(parts: readonly PolicyOutcome[]): PolicyOutcome {
  if (parts.includes('met')) return 'met'
  if (parts.includes('unavailable')) return 'unavailable'
  if (parts.includes('failed')) return 'failed'
  return 'unmet'
}

function opposite(outcome: PolicyOutcome): PolicyOutcome {
  if (outcome === 'met') return 'unmet'
  if (outcome === 'unmet') return 'met'
  return outcome
}

/** Of an unmet condition, the parts that are unmet themselves. What must not be has no parts that could be had. */
function lackingOf(condition: Condition, who: Caller): Condition {
  if (condition.kind !== 'allOf' && condition.kind !== 'anyOf') return condition
  const unmet = condition.of.filter((each) => outcomeOf(each, who) !== 'met').map((each) => lackingOf(each, who))
  return unmet.length === 1 ? (unmet[0] as Condition) : { kind: condition.kind, of: unmet }
}

/** Every name with its kind, but for those that stand under an odd number of `not`s. */
function neededIn(condition: Condition, nots = 0): readonly (readonly [string, string])[] {
  switch (condition.kind) {
    case 'allOf':
    case 'anyOf':
      return condition.of.flatMap((each) => neededIn(each, nots))
    case 'not':
      return neededIn(condition.of, nots + 1)
    case 'policy':
      return nots % 2 === 1 ? [] : condition.anyOf.map(({ name }) => ['policy', name])
    default:
      return nots % 2 === 1 ? [] : condition.anyOf.map((name) => [condition.kind, name])
  }
}

/** Whether a condition lets in when each failure turns out to help, or to harm: under `not`, harm is what had helped. */
function lets(condition: Condition, who: Caller, when: 'failures help' | 'failures harm'): boolean {
  switch (condition.kind) {
    case 'allOf':
      return condition.of.every((each) => lets(each, who, when))
    case 'anyOf':
      return condition.of.some((each) => lets(each, who, when))
    case 'not':
      return !lets(condition.of, who, when === 'failures help' ? 'failures harm' : 'failures help')
    case 'policy':
      return condition.anyOf.some((policy) => {
        const { outcome } = asked(policy)
        return outcome === 'met' || (outcome !== 'unmet' && when === 'failures help')
      })
    default:
      return isHeld(condition, who)
  }
}

function isHeld({ kind, anyOf }: Extract<Condition, { kind: AttributeKind }>, { held, edges }: Caller): boolean {
  switch (kind) {
    case 'role':
      return anyOf.some((name) => everyRole(held.roles, edges).includes(name))
    case 'group':
      return anyOf.some((name) => held.groups.includes(name))
    case 'permission':
      return anyOf.some((name) => held.permissions.includes(name))
    case 'scope':
      return anyOf.some((name) => held.scopes.some((one) => covers(one, name, held.scopeWildcards)))
  }
}

/** A granted scope whose last part is `*` covers all that has the parts before it, and nothing more is needed. */
function covers(granted: string, required: string, wildcards: boolean): boolean {
  if (granted === required) return true
  const [last, ...before] = granted.split(':').reverse()
  if (!wildcards || last !== '*') return false
  return before.reverse().every((part, position) => required.split(':')[position] === part)
}

/** Adds what comes along until nothing new does. */
function everyRole(roles: readonly string[], edges: Caller['edges']): readonly string[] {
  const more = [
    ...new Set([...roles, ...roles.flatMap((role) => (Object.hasOwn(edges, role) ? (edges[role] ?? []) : []))]),
  ]
  return more.length === roles.length ? more : everyRole(more, edges)
}

function policyNamed(name: string): PolicyClass {
  return { [name]: class {} }[name] as PolicyClass
}

function someOf<Item>(items: readonly Item[]) {
  return fc.subarray([...items], { minLength: 1, maxLength: 3 })
}
