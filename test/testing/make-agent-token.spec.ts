import { expect } from 'chai'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { before, describe, it } from 'mocha'
import { AgentContext } from '../../src/context/agent-context.js'
import { SecurityContext } from '../../src/context/security-context.js'
import { AuthTestKit, runAs } from '../../src/testing/index.js'
import { toAgentClaims } from '../../src/tokens/agent-claims.js'
import { codeOf, validatorFor } from './validator-for.js'

describe("an agent's token from the test kit", () => {
  let kit: AuthTestKit
  before(async () => {
    kit = await AuthTestKit.create()
  })

  it('is accepted by the validator, with the usual claims of an agent that may do nothing', async () => {
    const { claims, rawClaims } = await validatorFor(kit).validate(await kit.makeAgentToken())
    expect(claims.sub).to.equal('agent')
    const { taskId, rawClaims: _, ...agent } = toAgentClaims(rawClaims)
    expect(agent).to.deep.equal({
      sub: 'agent',
      taskType: 'test',
      userId: 'user',
      sessionId: '',
      conversationId: '',
      orgId: '',
      role: '',
      spendLimit: '',
      scopes: [],
      parentChain: [],
    })
    expect(taskId).to.match(/^[0-9a-f-]{36}$/)
  })

  it('writes every claim under its own name, whichever of the two it was given by', async () => {
    const expected = {
      task_type: 'purchase',
      task_id: 't',
      user_id: 'ann',
      session_id: 's',
      conversation_id: 'c',
      org_id: 'o',
      role: 'buyer',
      spend_limit: '10.00',
      scopes: ['wallet:*'],
      parent_chain: ['head'],
    }
    const byField = await kit.makeAgentToken({
      taskType: 'purchase',
      taskId: 't',
      userId: 'ann',
      sessionId: 's',
      conversationId: 'c',
      orgId: 'o',
      role: 'buyer',
      spendLimit: '10.00',
      scopes: ['wallet:*'],
      parentChain: ['head'],
    })
    expect(decodeJwt(byField)).to.deep.include(expected)
    for (const name of ['taskType', 'userId', 'parentChain']) expect(decodeJwt(byField)).not.to.have.property(name)
    expect(decodeJwt(await kit.makeAgentToken(expected))).to.deep.include(expected)
  })

  it('can be wrong in any way: claims of any type, claims that are missing, names that objects have anyway', async () => {
    const claims = decodeJwt(
      await kit.makeAgentToken({ scopes: '*', userId: undefined, spendLimit: 5, constructor: 1 }),
    )
    expect(claims).to.include({ scopes: '*', spend_limit: 5, constructor: 1 })
    expect(claims).not.to.have.property('user_id')
  })

  it('has its like in runAs, which runs work with an agent beside the caller, or with none', () => {
    const seen = runAs({ sub: 'ann', agent: { sub: 'a-7', userId: 'ann', scopes: ['wallet:*'] } }, () => [
      SecurityContext.require().sub,
      AgentContext.require().sub,
      AgentContext.require().userId,
      AgentContext.hasScope('wallet:pay'),
    ])
    expect(seen).to.deep.equal(['ann', 'a-7', 'ann', true])
    expect(runAs({ sub: 'ann' }, () => AgentContext.isPresent())).to.equal(false)
  })

  it('takes the options of other tokens', async () => {
    const expired = await kit.makeAgentToken({}, { expiresIn: '-1h' })
    expect(await codeOf(validatorFor(kit).validate(expired))).to.equal('token_expired')
    const unsigned = await kit.makeAgentToken({}, { header: { alg: 'none' } })
    expect(decodeProtectedHeader(unsigned).alg).to.equal('none')
  })
})
