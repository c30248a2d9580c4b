import { expect } from 'chai'
import { describe, it } from 'mocha'
import { agentRefusal } from '../../src/errors/agent-refusal.js'
import { AgentScopeMissingError } from '../../src/errors/agent-scope-missing-error.js'
import { AgentTokenExpiredError } from '../../src/errors/agent-token-expired-error.js'
import { AgentTokenInvalidError } from '../../src/errors/agent-token-invalid-error.js'
import { AgentTokenMissingError } from '../../src/errors/agent-token-missing-error.js'
import { isAuthError } from '../../src/errors/auth-error.js'
import { KeysUnavailableError } from '../../src/errors/keys-unavailable-error.js'
import { MalformedRequestError } from '../../src/errors/malformed-request-error.js'
import { isProblemError, type ProblemError } from '../../src/errors/problem-error.js'
import { RevocationUnavailableError } from '../../src/errors/revocation-unavailable-error.js'
import { TokenExpiredError } from '../../src/errors/token-expired-error.js'
import {
  TOKEN_INVALID_REASONS,
  type TokenInvalidCode,
  TokenInvalidError,
} from '../../src/errors/token-invalid-error.js'
import { TokenRevokedError } from '../../src/errors/token-revoked-error.js'

const INVALID_TOKEN = 'AgentBearer error="invalid_token"'
const INVALID_REQUEST = 'AgentBearer error="invalid_request"'

describe("the errors about agents' tokens", () => {
  const cause = new Error('inner')
  for (const { error, name, status, code, message, challenge } of [
    {
      error: new AgentTokenMissingError({ cause }),
      name: 'AgentTokenMissingError',
      status: 401,
      code: 'agent_token_missing',
      message: 'Endpoint requires X-Agent-Authorization header (agent token)',
      challenge: 'AgentBearer',
    },
    {
      error: new AgentTokenExpiredError({ cause }),
      name: 'AgentTokenExpiredError',
      status: 401,
      code: 'agent_token_expired',
      message: 'Agent token has expired',
      challenge: INVALID_TOKEN,
    },
    {
      error: new AgentTokenInvalidError('agent_token_revoked', { cause }),
      name: 'AgentTokenInvalidError',
      status: 401,
      code: 'agent_token_revoked',
      message: 'Invalid agent token: it has been revoked',
      challenge: INVALID_TOKEN,
    },
    {
      error: new AgentScopeMissingError([['a', 'b'], ['c'], ['a']], { cause }),
      name: 'AgentScopeMissingError',
      status: 403,
      code: 'agent_scope_missing',
      message: 'Agent missing required scope; required one of: a, b; and one of: c; and one of: a',
      challenge: 'AgentBearer error="insufficient_scope", scope="a b c"',
    },
    {
      error: new MalformedRequestError('agent_credentials_repeated', { cause }),
      name: 'MalformedRequestError',
      status: 400,
      code: 'agent_credentials_repeated',
      message: 'Malformed request: it carries more than one X-Agent-Authorization header',
      challenge: INVALID_REQUEST,
    },
  ] as readonly {
    error: ProblemError
    name: string
    status: number
    code: string
    message: string
    challenge: string
  }[]) {
    it(`answer ${status} ${code}`, () => {
      expect(isProblemError(error) && isAuthError(error)).to.equal(true)
      expect(error).to.include({ name, status, code, message, cause, expose: true })
      expect(error.headers).to.deep.equal({ 'WWW-Authenticate': challenge })
    })
  }

  it('name the missing scopes once each, for programs, frozen', () => {
    const { missing, extensions } = new AgentScopeMissingError([['b', 'a'], ['a']])
    expect(missing).to.deep.equal({ agentScopes: ['b', 'a'] })
    expect(extensions).to.deep.equal({ missing })
    expect(missing).to.be.frozen
    expect(missing.agentScopes).to.be.frozen
  })

  for (const scope of ['a"b', 'a\\b', 'a b', 'a\r\nSet-Cookie: x', 'caf\u00e9', '\u007f']) {
    it(`leave a scope out of the challenge that would break it: ${JSON.stringify(scope)}`, () => {
      const { headers, message } = new AgentScopeMissingError([['good', scope]])
      expect(headers).to.deep.equal({ 'WWW-Authenticate': 'AgentBearer error="insufficient_scope"' })
      expect(message).to.include(scope)
    })
  }

  describe('made of those about tokens', () => {
    for (const code of Object.keys(TOKEN_INVALID_REASONS) as TokenInvalidCode[]) {
      it(`give the same reason: ${code}`, () => {
        const original = new TokenInvalidError(code)
        const error = agentRefusal(original)
        expect(error).to.be.instanceOf(AgentTokenInvalidError)
        expect(error).to.include({ code: `agent_${code}`, cause: original })
        expect((error as Error).message).to.equal(original.message.replace('Invalid token', 'Invalid agent token'))
      })
    }

    it('are expired and revoked in their own words', () => {
      expect(agentRefusal(new TokenExpiredError())).to.be.instanceOf(AgentTokenExpiredError)
      expect(agentRefusal(new TokenRevokedError())).to.include({ code: 'agent_token_revoked' })
    })

    for (const other of [
      new KeysUnavailableError(1),
      new RevocationUnavailableError(1),
      new MalformedRequestError('agent_credentials_repeated'),
      new AgentTokenMissingError(),
      new AgentTokenInvalidError('agent_token_malformed'),
      new Error('bug'),
      Object.assign(new Error('not ours'), { code: 'token_expired' }),
      undefined,
      'thrown text',
    ]) {
      it(`leave what is not the token's fault as it is: ${other}`, () => {
        expect(agentRefusal(other)).to.equal(other)
      })
    }
  })
})
