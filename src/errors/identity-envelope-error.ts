/** What is wrong with an envelope. */
export type IdentityEnvelopeCode = 'identity_malformed' | 'identity_expired' | 'identity_too_old' | 'identity_unsealed'

const TEXTS: Readonly<Record<IdentityEnvelopeCode, string>> = {
  identity_malformed: 'The identity envelope is malformed, or of a version that is not known here',
  identity_expired: 'The identity envelope has expired',
  identity_too_old: 'The identity envelope is older than this work accepts',
  identity_unsealed: 'The sealed identity cannot be opened',
}

/**
 * Work can't be done as the caller it came with: the envelope says nobody, or no longer.
 *
 * A plain error, and no `AuthError`: it is a job that fails here, and no client is waiting for a status. What a queue
 * does with the job is told by `code`: no later attempt makes any of them right. Where one escapes from a request
 * handler all the same, Koa answers as it does to any failure of the application, with 500 and no detail.
 */
export class IdentityEnvelopeError extends Error {
  override readonly name = 'IdentityEnvelopeError'

  constructor(
    readonly code: IdentityEnvelopeCode,
    options?: ErrorOptions,
  ) {
    super(TEXTS[code], options)
  }
}
