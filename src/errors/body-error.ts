import { ProblemError } from './problem-error.js'

/** What is wrong with a request body. */
export type BodyErrorCode = 'body_malformed' | 'body_too_large' | 'body_unsupported' | 'body_invalid'

/** @internal One answer for every code. */
export const BODY_ANSWERS: Readonly<Record<BodyErrorCode, { readonly status: number; readonly text: string }>> = {
  body_malformed: { status: 400, text: 'Malformed request body' },
  body_too_large: { status: 413, text: 'The request body is too large' },
  body_unsupported: { status: 415, text: 'The media type of the request body is not supported' },
  body_invalid: { status: 422, text: 'The request body is not valid' },
}

/** One finding of a schema about a body. */
export interface BodyIssue {
  readonly message: string
  /** Member names and array positions that lead to the offending value; empty for the body itself. */
  readonly path: readonly (string | number)[]
}

/** The request body can't be used; the request ends with 400, 413, 415 or 422. */
export class BodyError extends ProblemError {
  override readonly name = 'BodyError'
  readonly status: number

  constructor(
    readonly code: BodyErrorCode,
    readonly issues: readonly BodyIssue[] = [],
    options?: ErrorOptions,
  ) {
    super(BODY_ANSWERS[code].text, {
      ...options,
      // An oversized body is not read to its end, so the connection can't be used again.
      headers: code === 'body_too_large' ? { Connection: 'close' } : {},
      extensions: issues.length === 0 ? {} : { issues },
    })
    this.status = BODY_ANSWERS[code].status
  }
}
