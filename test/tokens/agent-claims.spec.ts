import { expect } from 'chai'
import type { JWTPayload } from 'jose'
import { describe, it } from 'mocha'
import { type AgentClaims, toAgentClaims } from '../../src/tokens/agent-claims.js'

const EMPTY: Omit<AgentClaims, 'rawClaims'> = {
  sub: '',
  taskType: '',
  taskId: '',
  userId: '',
  sessionId: '',
  conversationId: '',
  orgId: '',
  role: '',
  spendLimit: '',
  scopes: [],
  parentChain: [],
}

const TEXTS = {
  sub: 'sub',
  task_type: 'taskType',
  task_id: 'taskId',
  user_id: 'userId',
  session_id: 'sessionId',
  conversation_id: 'conversationId',
  org_id: 'orgId',
  role: 'role',
  spend_limit: 'spendLimit',
} as const
const LISTS = { scopes: 'scopes', parent_chain: 'parentChain' } as const

const payload = (claims: object) => ({ ...claims }) as JWTPayload

describe("the claims of an agent's token", () => {
  const all = {
    sub: 'agent-42',
    task_type: 'purchase',
    task_id: 't-1',
    user_id: 'ann',
    session_id: 's-1',
    conversation_id: 'c-1',
    org_id: 'org-1',
    role: 'purchaser',
    spend_limit: '1000.00',
    scopes: ['wallet:pay', 'treasury:*'],
    parent_chain: ['agent-1', 'agent-7'],
    iss: 'https://idp.example.com',
    custom: { nested: ['kept'] },
  }

  it('have one name and one type each, and are there as the issuer wrote them, too', () => {
    expect(toAgentClaims(payload(all))).to.deep.equal({
      sub: 'agent-42',
      taskType: 'purchase',
      taskId: 't-1',
      userId: 'ann',
      sessionId: 's-1',
      conversationId: 'c-1',
      orgId: 'org-1',
      role: 'purchaser',
      spendLimit: '1000.00',
      scopes: ['wallet:pay', 'treasury:*'],
      parentChain: ['agent-1', 'agent-7'],
      rawClaims: all,
    })
  })

  it('are empty when absent', () => {
    expect(toAgentClaims({})).to.deep.equal({ ...EMPTY, rawClaims: {} })
  })

  for (const value of [null, true, 'text', ['text'], { a: 1 }]) {
    for (const claim of Object.keys(TEXTS)) {
      if (typeof value === 'string') continue
      it(`read as absent when of the wrong type: ${claim} ${JSON.stringify(value)}`, () => {
        const wrong = payload({ [claim]: value })
        expect(toAgentClaims(wrong)).to.deep.equal({ ...EMPTY, rawClaims: wrong })
      })
    }
  }

  for (const [claim, name] of Object.entries(LISTS)) {
    for (const value of [
      null,
      true,
      5,
      'treasury:write',
      'a b',
      '*',
      { 0: '*', length: 1 },
      ['a', 1],
      [null],
      [['a']],
      [{ a: 1 }],
    ]) {
      it(`read as an empty list when not a list of texts throughout: ${claim} ${JSON.stringify(value)}`, () => {
        const claims = toAgentClaims(payload({ [claim]: value }))
        expect(claims[name]).to.deep.equal([])
        expect(claims[name]).to.be.frozen
      })
    }
  }

  for (const { written, read } of [
    { written: '0.10', read: '0.10' },
    { written: '', read: '' },
    { written: 1000, read: '1000' },
    { written: 0, read: '0' },
    { written: 12.5, read: '12.5' },
    { written: -1, read: '-1' },
    { written: JSON.parse('1e999'), read: '' },
    { written: JSON.parse('-1e999'), read: '' },
  ]) {
    it(`tell a spend limit of ${String(written)} as '${read}'`, () => {
      expect(toAgentClaims(payload({ spend_limit: written })).spendLimit).to.equal(read)
    })
  }

  it('read nothing that a token does not carry itself', () => {
    const { sub, scopes } = toAgentClaims(JSON.parse('{"__proto__":{"sub":"root","scopes":["*"]}}'))
    expect([sub, scopes]).to.deep.equal(['', []])
  })

  it('are frozen, lists and raw claims included', () => {
    for (const claims of [toAgentClaims(payload(structuredClone(all))), toAgentClaims({})]) {
      expect(claims).to.be.frozen
      for (const value of Object.values(claims)) expect(Object.isFrozen(value)).to.equal(true)
    }
    const raw = toAgentClaims(payload(structuredClone(all))).rawClaims as unknown as typeof all
    expect(raw.custom).to.be.frozen
    expect(raw.custom.nested).to.be.frozen
  })
})
