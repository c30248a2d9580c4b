import { expect } from 'chai'
import { describe, it } from 'mocha'
import { BodyError } from '../../src/errors/body-error.js'
import { InsufficientPermissionsError } from '../../src/errors/insufficient-permissions-error.js'
import { MissingTokenError } from '../../src/errors/missing-token-error.js'
import { withoutRequirements } from '../../src/http/minimal-detail.js'

describe('a problem without the names of requirements', () => {
  const forbidden = new InsufficientPermissionsError('Requires one of roles: admin', { roles: ['admin'] })
  const problem = { status: 403, code: 'insufficient_permissions', detail: forbidden.message }

  it('has a fixed text, and nothing that is missing', () => {
    const extensions = { missing: { roles: ['admin'] }, traceId: 'abc' }
    const headers = { 'X-Trace': 'abc' }
    expect(withoutRequirements(forbidden, { ...problem, headers, extensions })).to.deep.equal({
      status: 403,
      code: 'insufficient_permissions',
      detail: 'Insufficient permissions',
      headers: { 'X-Trace': 'abc' },
      extensions: { traceId: 'abc' },
    })
  })

  it('keeps the text of any other status', () => {
    const missing = new MissingTokenError()
    const { detail } = withoutRequirements(missing, { status: 401, code: missing.code, detail: missing.message })
    expect(detail).to.equal('Missing or invalid Authorization header')
  })

  it('is left alone when it is not about permissions at all', () => {
    const error = new BodyError('body_invalid', [{ message: 'no', path: ['a'] }])
    const body = { status: 422, code: error.code, detail: error.message, extensions: error.extensions }
    expect(withoutRequirements(error, body)).to.equal(body)
  })

  for (const { challenge, left } of [
    { challenge: 'Bearer', left: 'Bearer' },
    { challenge: 'Bearer scope="a b"', left: 'Bearer' },
    { challenge: 'Bearer error="insufficient_scope", scope="a b"', left: 'Bearer error="insufficient_scope"' },
    { challenge: 'Bearer scope="a b", error="insufficient_scope"', left: 'Bearer error="insufficient_scope"' },
    { challenge: 'Bearer realm="x", scope="a", error="y"', left: 'Bearer realm="x", error="y"' },
    { challenge: 'Bearer Scope="a"', left: 'Bearer' },
    {
      challenge: 'AgentBearer error="insufficient_scope", scope="a:b"',
      left: 'AgentBearer error="insufficient_scope"',
    },
    {
      challenge: 'Bearer error="insufficient_scope", scope="a b", AgentBearer error="insufficient_scope", scope="c"',
      left: 'Bearer error="insufficient_scope", AgentBearer error="insufficient_scope"',
    },
    { challenge: 'Bearer error="invalid_token", scope="a b"', left: 'Bearer error="invalid_token"' },
    { challenge: 'Bearer realm="my scope"', left: 'Bearer realm="my scope"' },
    { challenge: 'Bearer telescope="a"', left: 'Bearer telescope="a"' },
  ]) {
    it(`has the challenge ${left} in place of ${challenge}`, () => {
      for (const name of ['WWW-Authenticate', 'www-authenticate']) {
        expect(withoutRequirements(forbidden, { ...problem, headers: { [name]: challenge } }).headers).to.deep.equal({
          [name]: left,
        })
      }
    })
  }
})
