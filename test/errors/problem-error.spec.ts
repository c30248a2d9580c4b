import { expect } from 'chai'
import { describe, it } from 'mocha'
import { AuthConfigurationError } from '../../src/errors/auth-configuration-error.js'
import { AuthError, isAuthError } from '../../src/errors/auth-error.js'
import { BodyError } from '../../src/errors/body-error.js'
import { DecisionUnavailableError } from '../../src/errors/decision-unavailable-error.js'
import { InsufficientPermissionsError } from '../../src/errors/insufficient-permissions-error.js'
import { KeysUnavailableError } from '../../src/errors/keys-unavailable-error.js'
import { MalformedRequestError } from '../../src/errors/malformed-request-error.js'
import { MissingTokenError } from '../../src/errors/missing-token-error.js'
import { isProblemError, ProblemError } from '../../src/errors/problem-error.js'
import { TokenExpiredError } from '../../src/errors/token-expired-error.js'
import { type TokenInvalidCode, TokenInvalidError } from '../../src/errors/token-invalid-error.js'

interface Answer {
  readonly error: (options?: ErrorOptions) => ProblemError
  readonly name: string
  readonly status: number
  readonly code: string
  readonly message: string
  readonly headers: Readonly<Record<string, string>>
  readonly extensions?: Readonly<Record<string, unknown>>
}

const INVALID_TOKEN = { 'WWW-Authenticate': 'Bearer error="invalid_token"' }
const INVALID_REQUEST = { 'WWW-Authenticate': 'Bearer error="invalid_request"' }

const REASONS: Readonly<Record<TokenInvalidCode, string>> = {
  token_too_long: 'it is too long',
  token_malformed: 'it is not a well-formed signed JWT',
  header_unsupported: 'its header asks for something that is not supported',
  algorithm_refused: 'its algorithm is not accepted',
  type_refused: 'its type is not accepted',
  key_unknown: 'no key of the issuer matches it',
  signature_mismatch: 'the signature does not match',
  issuer_mismatch: 'it comes from another issuer',
  audience_mismatch: 'it is meant for another audience',
  expiry_missing: 'it has no expiry',
  not_yet_valid: 'it is not valid yet',
  issued_in_future: 'it was issued in the future',
  issue_time_missing: 'it does not say when it was issued',
  token_too_old: 'it was issued too long ago',
  profile_mismatch: 'it lacks claims that access tokens must have',
  claim_missing: 'it lacks a claim that this application requires',
  claim_refused: 'it carries a claim that this application refuses',
  claim_malformed: 'one of its claims is malformed',
}

const ANSWERS: readonly Answer[] = [
  {
    error: (options) => new MissingTokenError(options),
    name: 'MissingTokenError',
    status: 401,
    code: 'token_missing',
    message: 'Missing or invalid Authorization header',
    headers: { 'WWW-Authenticate': 'Bearer' },
  },
  {
    error: (options) => new TokenExpiredError(options),
    name: 'TokenExpiredError',
    status: 401,
    code: 'token_expired',
    message: 'Token has expired',
    headers: INVALID_TOKEN,
  },
  ...(Object.keys(REASONS) as TokenInvalidCode[]).map((code) => ({
    error: (options?: ErrorOptions) => new TokenInvalidError(code, options),
    name: 'TokenInvalidError',
    status: 401,
    code,
    message: `Invalid token: ${REASONS[code]}`,
    headers: INVALID_TOKEN,
  })),
  {
    error: (options) => new MalformedRequestError('bearer_malformed', options),
    name: 'MalformedRequestError',
    status: 400,
    code: 'bearer_malformed',
    message: 'Malformed Authorization header: expected Bearer and a single token',
    headers: INVALID_REQUEST,
  },
  {
    error: (options) => new MalformedRequestError('credentials_repeated', options),
    name: 'MalformedRequestError',
    status: 400,
    code: 'credentials_repeated',
    message: 'Malformed request: it carries more than one set of credentials',
    headers: INVALID_REQUEST,
  },
  {
    error: (options) => new InsufficientPermissionsError('Requires one of roles: admin', { roles: ['admin'] }, options),
    name: 'InsufficientPermissionsError',
    status: 403,
    code: 'insufficient_permissions',
    message: 'Requires one of roles: admin',
    headers: { 'WWW-Authenticate': 'Bearer error="insufficient_scope"' },
    extensions: { missing: { roles: ['admin'] } },
  },
  {
    error: (options) => new InsufficientPermissionsError('Not yours', undefined, options),
    name: 'InsufficientPermissionsError',
    status: 403,
    code: 'insufficient_permissions',
    message: 'Not yours',
    headers: { 'WWW-Authenticate': 'Bearer error="insufficient_scope"' },
  },
  {
    error: (options) => new DecisionUnavailableError(options),
    name: 'DecisionUnavailableError',
    status: 503,
    code: 'decision_unavailable',
    message: 'Authorization is temporarily unavailable',
    headers: { 'Retry-After': '5' },
  },
  {
    error: (options) => new KeysUnavailableError(10, options),
    name: 'KeysUnavailableError',
    status: 503,
    code: 'keys_unavailable',
    message: 'Signing keys are temporarily unavailable',
    headers: { 'Retry-After': '10' },
  },
  {
    error: (options) => new BodyError('body_malformed', undefined, options),
    name: 'BodyError',
    status: 400,
    code: 'body_malformed',
    message: 'Malformed request body',
    headers: {},
  },
  {
    error: (options) => new BodyError('body_too_large', [], options),
    name: 'BodyError',
    status: 413,
    code: 'body_too_large',
    message: 'The request body is too large',
    headers: { Connection: 'close' },
  },
  {
    error: (options) => new BodyError('body_unsupported', [], options),
    name: 'BodyError',
    status: 415,
    code: 'body_unsupported',
    message: 'The media type of the request body is not supported',
    headers: {},
  },
  {
    error: (options) => new BodyError('body_invalid', [{ message: 'too short', path: ['tags', 0] }], options),
    name: 'BodyError',
    status: 422,
    code: 'body_invalid',
    message: 'The request body is not valid',
    headers: {},
    extensions: { issues: [{ message: 'too short', path: ['tags', 0] }] },
  },
]

describe('a problem', () => {
  for (const { error, name, status, code, message, headers, extensions = {} } of ANSWERS) {
    it(`${code} answers ${status}: ${message}`, () => {
      const { name: ownName, ...seen } = pick(error())
      expect(ownName).to.equal(name)
      expect(seen).to.deep.equal({ status, code, message, headers, extensions, expose: true })
    })
  }

  it('keeps what caused it out of its text', () => {
    const cause = new Error('SECRET')
    for (const { error } of ANSWERS) {
      const made = error({ cause })
      expect(made.cause).to.equal(cause)
      expect(JSON.stringify([made.message, made.headers, made.extensions])).not.to.contain('SECRET')
    }
  })

  for (const { seconds, header } of [
    { seconds: 9.2, header: '10' },
    { seconds: 0, header: '1' },
    { seconds: -3, header: '1' },
  ]) {
    it(`asks to come back after ${header} s when ${seconds} s are left`, () => {
      expect(new KeysUnavailableError(seconds).headers).to.deep.equal({ 'Retry-After': header })
    })
  }
})

describe('a configuration error', () => {
  const error = new AuthConfigurationError([
    { where: 'auth_client.issuer', env: 'AUTH_CLIENT_ISSUER', message: 'is required' },
    { where: 'TaskController.remove', message: 'is taken' },
  ])

  it('lists every problem, with the environment variable where there is one', () => {
    expect(error.message.split('\n')).to.deep.equal([
      'The application cannot be secured as configured:',
      '  - auth_client.issuer (AUTH_CLIENT_ISSUER): is required',
      '  - TaskController.remove: is taken',
    ])
  })

  it('is never shown to a client', () => {
    expect(error).to.include({ expose: false, status: 500, code: 'configuration_invalid' })
    expect(error.name).to.equal('AuthConfigurationError')
    expect([error.headers, error.extensions]).to.deep.equal([{}, {}])
  })
})

describe('telling problems apart', () => {
  /** What a second copy of this package in the same process would throw. */
  const foreign = Object.assign(new Error('from another copy'), {
    [Symbol.for('inversify-koa-auth.problem')]: true,
    [Symbol.for('inversify-koa-auth.AuthError')]: true,
  })

  const values = [
    { what: 'a missing token', value: new MissingTokenError(), problem: true, auth: true },
    { what: 'a configuration error', value: new AuthConfigurationError([]), problem: true, auth: true },
    { what: 'a bad body', value: new BodyError('body_malformed'), problem: true, auth: false },
    { what: "another copy's error", value: foreign, problem: true, auth: true },
    { what: 'any other error', value: new Error('boom'), problem: false, auth: false },
    { what: 'an object that only looks like one', value: { status: 401, code: 'x' }, problem: false, auth: false },
    { what: 'undefined', value: undefined, problem: false, auth: false },
    { what: 'null', value: null, problem: false, auth: false },
  ]
  for (const { what, value, problem, auth } of values) {
    it(`takes ${what} for ${auth ? 'an auth error' : problem ? 'a problem' : 'neither'}`, () => {
      expect({ problem: isProblemError(value), auth: isAuthError(value) }).to.deep.equal({ problem, auth })
    })
  }

  it('works through instanceof as well', () => {
    expect(new MissingTokenError()).to.be.instanceOf(AuthError)
    expect(new BodyError('body_malformed')).to.be.instanceOf(ProblemError).and.not.instanceOf(AuthError)
  })
})

function pick({ name, status, code, message, headers, extensions, expose }: ProblemError) {
  return { name, status, code, message, headers, extensions, expose }
}
