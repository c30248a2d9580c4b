import { expect } from 'chai'
import { describe, it } from 'mocha'
import { agentToken, assertAgentB64Token } from '../../src/authentication/agent-token.js'
import { AgentTokenInvalidError } from '../../src/errors/agent-token-invalid-error.js'
import { MalformedRequestError } from '../../src/errors/malformed-request-error.js'

const NAME = 'X-Agent-Authorization'

const read = (...values: readonly string[]) =>
  agentToken({
    headers: { authorization: 'Bearer user', ...(values.length > 0 && { [NAME.toLowerCase()]: values.join(', ') }) },
    rawHeaders: ['Authorization', 'Bearer user', ...values.flatMap((value) => [NAME, value])],
  })

describe("an agent's credentials", () => {
  it('are none without a header of their own', () => {
    expect(read()).to.equal(undefined)
  })

  it('are a Bearer token, whatever the letter case and however many spaces', () => {
    expect(read('Bearer abc')).to.equal('abc')
    expect(read('bEARER   abc  ')).to.equal('abc')
  })

  for (const header of ['', 'Basic abc', 'abc', 'Bearerabc']) {
    it(`are refused where they read ${JSON.stringify(header)}`, () => {
      expect(() => read(header))
        .to.throw(AgentTokenInvalidError)
        .with.property('code', 'agent_token_malformed')
    })
  }

  it('are refused where there are two', () => {
    expect(() => read('Bearer abc', 'Bearer abc'))
      .to.throw(MalformedRequestError)
      .with.property('code', 'agent_credentials_repeated')
  })

  it('keep to the grammar of a token', () => {
    expect(() => assertAgentB64Token('a.b-c_d~e+f/g==')).not.to.throw()
    for (const token of ['', 'a b', 'a,b', 'ä']) {
      expect(() => assertAgentB64Token(token), token).to.throw(AgentTokenInvalidError)
    }
  })
})
