import { readdirSync, readFileSync } from 'node:fs'
import { STATUS_CODES } from 'node:http'
import { expect } from 'chai'
import { describe, it } from 'mocha'
import { refusal } from '../../src/authorization/refusal.js'
import { AgentScopeMissingError } from '../../src/errors/agent-scope-missing-error.js'
import { AgentTokenExpiredError } from '../../src/errors/agent-token-expired-error.js'
import { type AgentTokenInvalidCode, AgentTokenInvalidError } from '../../src/errors/agent-token-invalid-error.js'
import { AgentTokenMissingError } from '../../src/errors/agent-token-missing-error.js'
import { BODY_ANSWERS, BodyError, type BodyErrorCode } from '../../src/errors/body-error.js'
import { DecisionUnavailableError } from '../../src/errors/decision-unavailable-error.js'
import { InsufficientPermissionsError } from '../../src/errors/insufficient-permissions-error.js'
import { KeysUnavailableError } from '../../src/errors/keys-unavailable-error.js'
import {
  MALFORMED_REQUEST_TEXTS,
  type MalformedRequestCode,
  MalformedRequestError,
} from '../../src/errors/malformed-request-error.js'
import { MissingTokenError } from '../../src/errors/missing-token-error.js'
import { NotFoundError } from '../../src/errors/not-found-error.js'
import { ProblemError } from '../../src/errors/problem-error.js'
import { RevocationUnavailableError } from '../../src/errors/revocation-unavailable-error.js'
import { TokenExpiredError } from '../../src/errors/token-expired-error.js'
import {
  TOKEN_INVALID_REASONS,
  type TokenInvalidCode,
  TokenInvalidError,
} from '../../src/errors/token-invalid-error.js'
import { TokenRevokedError } from '../../src/errors/token-revoked-error.js'
import { UNANSWERED } from '../../src/http/fall-through-guard.js'

const PAGE = 'docs/how-a-request-travels.md'
const ROW = /^\| (\d{3}) +\| `([a-z_]+)` +\| (.+?) +\| (.+?) +\|$/gm
const SCOPE = /,? scope="[^"]*"$/
const scopes = ['a', 'b']

/** One of every code that errors answer with, told of scopes where it may name them. */
const ERRORS: readonly ProblemError[] = [
  new MissingTokenError({ scopes }),
  new TokenExpiredError({ scopes }),
  ...codesOf(TOKEN_INVALID_REASONS).map((code: TokenInvalidCode) => new TokenInvalidError(code, { scopes })),
  new TokenRevokedError({ scopes }),
  new AgentTokenMissingError(),
  new AgentTokenExpiredError(),
  ...codesOf(MALFORMED_REQUEST_TEXTS).map((code: MalformedRequestCode) => new MalformedRequestError(code)),
  new InsufficientPermissionsError(refusal([{ kind: 'role', anyOf: ['admin', 'manager'] }]).message, { scopes }),
  new AgentScopeMissingError([['treasury:write']]),
  new KeysUnavailableError(1),
  new RevocationUnavailableError(1),
  new DecisionUnavailableError(),
  ...codesOf(BODY_ANSWERS).map((code: BodyErrorCode) => new BodyError(code)),
  new NotFoundError(),
]

/** No answers, or none of their own: start-up, and what a sentence on the page makes of the rows about tokens. */
const NO_ROWS = ['ProblemError', 'AuthError', 'AuthConfigurationError', 'AgentTokenInvalidError']

describe('the page that lists every answer', () => {
  const text = readFileSync(PAGE, 'utf8')
  const section = text.slice(text.indexOf('\n## Answers\n'), text.indexOf('\n### Errors of your own\n'))
  const rows = [...section.matchAll(ROW)].map(([, status, code = '', detail, headers]) => [
    code,
    { status: Number(status), detail, headers },
  ])

  it('has one row for every code, with its status, text and headers, and no others', () => {
    const answers = [
      ...ERRORS.map((error) => [
        error.code,
        { status: error.status, detail: error.message, headers: headersOf(error) },
      ]),
      ...Object.entries(UNANSWERED).map(([status, code]) => [
        code,
        { status: Number(status), detail: STATUS_CODES[status], headers: status === '404' ? 'none' : 'none; `Allow`' },
      ]),
    ]
    expect(Object.fromEntries(rows)).to.deep.equal(Object.fromEntries(answers))
    expect(rows).to.have.length(answers.length)
  })

  it('knows every error there is', async () => {
    const names = new Set<string>()
    for (const file of readdirSync('src/errors')) {
      const exports: object = await import(
        new URL(`../../src/errors/${file.replace(/ts$/, 'js')}`, import.meta.url).href
      )
      for (const each of Object.values(exports)) if (isProblemClass(each)) names.add(each.name)
    }
    expect([...names].sort()).to.deep.equal([...NO_ROWS, ...new Set(ERRORS.map(({ name }) => name))].sort())
  })

  it("is right about agents' tokens: the same codes and texts, said of an agent", () => {
    const invalid = ERRORS.filter(({ message }) => message.startsWith('Invalid token: '))
    expect(invalid.map(({ code }) => code)).to.deep.equal([...Object.keys(TOKEN_INVALID_REASONS), 'token_revoked'])
    for (const { status, code, message } of invalid) {
      const error = new AgentTokenInvalidError(`agent_${code}` as AgentTokenInvalidCode)
      expect(error).to.include({ status, message: message.replace('Invalid token', 'Invalid agent token') })
      expect(headersOf(error)).to.equal('`AgentBearer error="invalid_token"`')
    }
    const example = new AgentTokenInvalidError('agent_signature_mismatch')
    for (const said of [example.code, example.message, headersOf(example)]) expect(section).to.include(said)
  })
})

function codesOf<Code extends string>(texts: Readonly<Record<Code, unknown>>): readonly Code[] {
  return Object.keys(texts) as Code[]
}

/** The headers as the page writes them: the challenge, whether it may name scopes, and what else there is. */
function headersOf({ headers }: ProblemError): string {
  const { 'WWW-Authenticate': challenge, ...others } = headers
  const names = [...(challenge !== undefined && SCOPE.test(challenge) ? ['scope'] : []), ...Object.keys(others)]
  const shown = challenge === undefined ? 'none' : `\`${challenge.replace(SCOPE, '')}\``
  return [shown, ...names.map((name) => `\`${name}\``)].join('; ')
}

function isProblemClass(value: unknown): value is abstract new () => ProblemError {
  return typeof value === 'function' && (value === ProblemError || value.prototype instanceof ProblemError)
}
