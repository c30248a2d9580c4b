import { expect } from 'chai'
import { allOf, anyOf, not, type Policy, policy, role } from 'inversify-koa-auth'
import { describe, it } from 'mocha'
import { policiesIn } from '../../src/authorization/policies-in.js'
import { ANY_VALID_TOKEN } from '../../src/authorization/requirement.js'

abstract class Always implements Policy {
  permits(): boolean {
    return true
  }
}
class Open extends Always {}
class Owner extends Always {}
class Trial extends Always {}

describe('the policies of a requirement', () => {
  it('are found however deep they stand, each once, in the order they are asked', () => {
    const conditions = [
      role('admin'),
      anyOf(role('clerk'), allOf(policy(Owner), not(policy(Trial)))),
      policy(Open, Owner),
      not(anyOf(policy(Trial), role('guest'))),
    ]
    expect(policiesIn({ access: 'authenticated', allOf: conditions })).to.deep.equal([Owner, Trial, Open])
  })

  it('are none where no policy is asked', () => {
    expect(policiesIn(ANY_VALID_TOKEN)).to.deep.equal([])
    expect(policiesIn({ access: 'anonymous' })).to.deep.equal([])
    expect(policiesIn({ access: 'optional' })).to.deep.equal([])
    expect(policiesIn({ access: 'authenticated', allOf: [not(role('guest'))] })).to.deep.equal([])
  })
})
