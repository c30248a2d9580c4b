import { STATUS_CODES } from 'node:http'
import { expect } from 'chai'

/** What a refusal has to say. */
export interface ExpectedProblem {
  readonly status: number
  readonly detail: string | RegExp
  readonly code?: string
  /** The exact `WWW-Authenticate`; `null` where there must be none. */
  readonly challenge?: string | null
}

/** Checks that a response is a whole problem document (RFC 9457), and returns it. */
export async function expectProblem(
  response: Response,
  { status, detail, code, challenge = null }: ExpectedProblem,
): Promise<Record<string, unknown>> {
  const text = await response.text()
  expect(response.status, text).to.equal(status)
  expect(response.headers.get('content-type')).to.equal('application/problem+json')
  expect(response.headers.get('content-length')).to.equal(String(Buffer.byteLength(text)))
  expect(response.headers.get('cache-control')).to.equal('no-store')
  expect(response.headers.get('www-authenticate')).to.equal(challenge)
  const problem = JSON.parse(text)
  expect(problem).to.include({ type: 'about:blank', title: STATUS_CODES[status], status })
  expect(problem.code)
    .to.be.a('string')
    .that.matches(/^[a-z_]+$/)
  if (code !== undefined) expect(problem.code).to.equal(code)
  if (typeof detail === 'string') expect(problem.detail).to.equal(detail)
  else expect(problem.detail).to.match(detail)
  return problem
}

/** A request without credentials: 401 with a bare challenge. */
export const NO_TOKEN: ExpectedProblem = {
  status: 401,
  detail: 'Missing or invalid Authorization header',
  code: 'token_missing',
  challenge: 'Bearer',
}
