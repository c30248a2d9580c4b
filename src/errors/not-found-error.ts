import { ProblemError } from './problem-error.js'

/**
 * What was asked for is not there, or the caller must not learn that it is; the request ends with 404.
 *
 * An application that throws this for what really isn't there gives the same answer to both.
 */
export class NotFoundError extends ProblemError {
  override readonly name = 'NotFoundError'
  readonly status = 404
  readonly code = 'not_found'

  constructor(options?: ErrorOptions) {
    super('Not Found', options)
  }
}
