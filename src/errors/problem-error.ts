const BRAND = Symbol.for('inversify-koa-auth.problem')

/** What a problem brings along besides its text. */
export interface ProblemOptions extends ErrorOptions {
  readonly headers?: Readonly<Record<string, string>>
  readonly extensions?: Readonly<Record<string, unknown>>
}

/**
 * A failure that has an answer for the client: a status, a fixed text and a stable code.
 *
 * The message of a problem is public. It never holds a token, a secret or a claim's value;
 * what caused it travels in `cause`, for the operator's eyes only.
 */
export abstract class ProblemError extends Error {
  /** HTTP status of the response. */
  abstract readonly status: number

  /** Stable, machine-readable cause. */
  abstract readonly code: string

  /** Koa's own error handler shows `message` to the client when this is true. */
  readonly expose: boolean = true

  /** Response headers that belong to this failure. Middleware further out may add to them, as it may with Koa's errors. */
  headers: Readonly<Record<string, string>>

  /** Members added to the problem document beside the standard ones (RFC 9457, section 3.2). */
  readonly extensions: Readonly<Record<string, unknown>>

  constructor(message: string, { headers = {}, extensions = {}, ...options }: ProblemOptions = {}) {
    super(message, options)
    this.headers = headers
    this.extensions = extensions
  }

  /** @internal */
  get [BRAND](): true {
    return true
  }
}

/** Tells whether a thrown value is a problem, also when another copy of this package made it. */
export function isProblemError(value: unknown): value is ProblemError {
  return value instanceof Error && (value as Partial<ProblemError>)[BRAND] === true
}
