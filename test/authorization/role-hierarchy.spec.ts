import { expect } from 'chai'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { RoleHierarchy } from '../../src/authorization/role-hierarchy.js'
import { roleCycle } from '../../src/config/role-cycle.js'

type Hierarchy = Readonly<Record<string, readonly string[]>>

/** Few names, so that ways meet and lead back; among them some that objects have anyway. */
const ROLES = ['a', 'b', 'c', 'd', 'e', '__proto__', 'constructor', 'toString']
const roles = fc.subarray(ROLES)
const anyHierarchy: fc.Arbitrary<Hierarchy> = fc
  .array(fc.tuple(fc.constantFrom(...ROLES), roles))
  .map((entries) => Object.fromEntries(entries))
/** Roles include only those that stand further down, so no way leads back. */
const soundHierarchy: fc.Arbitrary<Hierarchy> = fc
  .tuple(fc.shuffledSubarray(ROLES, { minLength: ROLES.length }), fc.array(roles, { minLength: 8, maxLength: 8 }))
  .map(([order, lists]) =>
    Object.fromEntries(
      order.map((role, place) => [role, (lists[place] ?? []).filter((other) => order.indexOf(other) > place)]),
    ),
  )

/** Whether one role is above another, found out step by step, as often as it takes. */
function reaches(hierarchy: Hierarchy, from: string, to: string, steps = ROLES.length): boolean {
  const below = Object.hasOwn(hierarchy, from) ? (hierarchy[from] ?? []) : []
  return below.includes(to) || (steps > 0 && below.some((next) => reaches(hierarchy, next, to, steps - 1)))
}

describe('the hierarchy of roles', () => {
  const hierarchy = new RoleHierarchy({ admin: ['manager', 'auditor'], manager: ['user'], auditor: ['user', 'reader'] })

  for (const { held, complete } of [
    { held: [], complete: [] },
    { held: ['user'], complete: ['user'] },
    { held: ['stranger'], complete: ['stranger'] },
    { held: ['manager'], complete: ['manager', 'user'] },
    { held: ['admin'], complete: ['admin', 'manager', 'auditor', 'user', 'reader'] },
    { held: ['user', 'auditor'], complete: ['user', 'auditor', 'reader'] },
    { held: ['Admin'], complete: ['Admin'] },
    { held: ['constructor', '__proto__'], complete: ['constructor', '__proto__'] },
  ]) {
    it(`makes ${JSON.stringify(complete)} of ${JSON.stringify(held)}`, () => {
      expect(hierarchy.complete(held)).to.deep.equal(complete)
    })
  }

  it('leaves roles as they are where there is none', () => {
    const held = ['a', 'a']
    expect(new RoleHierarchy({}).complete(held)).to.equal(held)
  })

  it('takes the names of what objects have anyway for names', () => {
    const odd = new RoleHierarchy(JSON.parse('{"__proto__":["constructor"],"constructor":["toString"]}'))
    expect(odd.complete(['__proto__'])).to.deep.equal(['__proto__', 'constructor', 'toString'])
    expect(odd.complete(['valueOf'])).to.deep.equal(['valueOf'])
  })

  it('goes as deep as it has to', () => {
    const deep = Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`r${i}`, [`r${i + 1}`]]))
    expect(new RoleHierarchy(deep).complete(['r0'])).to.have.lengthOf(2001)
  })

  it('gives what can be reached step by step, and nothing else', () => {
    fc.assert(
      fc.property(soundHierarchy, roles, (sound, held) => {
        const expected = ROLES.filter((role) => held.includes(role) || held.some((each) => reaches(sound, each, role)))
        expect([...new RoleHierarchy(sound).complete(held)].sort()).to.deep.equal([...expected].sort())
      }),
    )
  })

  it('has a way back exactly where some role can be reached from itself, and that way is named', () => {
    fc.assert(
      fc.property(anyHierarchy, (any) => {
        const cycle = roleCycle(any)
        expect(cycle !== undefined).to.equal(ROLES.some((role) => reaches(any, role, role)))
        if (cycle === undefined) return
        expect(cycle.at(-1)).to.equal(cycle[0])
        expect(new Set(cycle)).to.have.property('size', cycle.length - 1)
        for (const [place, role] of cycle.slice(1).entries()) expect(any[cycle[place] as string]).to.include(role)
      }),
    )
  })
})
