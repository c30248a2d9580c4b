import { type IdentityEnvelope, identityEnvelope } from './identity-envelope.js'
import { requirePrincipal } from './require-conditions.js'

/** How long an envelope is good for. */
export interface CaptureOptions {
  /** From now, in seconds. Default: as long as the caller's token. Never longer than that. */
  readonly expiresInSeconds?: number | undefined
}

/**
 * The present caller as plain data, to be taken along by a job, a message or a worker: `runWithIdentity` makes it the
 * caller there. Frozen, and the same after a trip through JSON or `postMessage`.
 *
 * Holds no token, no e-mail address, and no claims besides those it names. The agent at work is not in it.
 *
 * @throws {MissingTokenError} when nobody is signed in. While `enabled` is false, nobody ever is.
 * @throws {TypeError} for an `expiresInSeconds` that is no positive number.
 *
 * @example
 * ```ts
 * import { captureIdentity } from 'inversify-koa-auth'
 *
 * const message = () => JSON.stringify({ task: 'export', identity: captureIdentity({ expiresInSeconds: 600 }) })
 * ```
 */
export function captureIdentity({ expiresInSeconds }: CaptureOptions = {}): IdentityEnvelope {
  if (expiresInSeconds !== undefined && !(Number.isFinite(expiresInSeconds) && expiresInSeconds > 0)) {
    throw new TypeError('expiresInSeconds has to be a positive number')
  }
  const { claims, roles, scopeWildcards = false } = requirePrincipal()
  const { sub, groups, scopes, permissions, orgId: tenant, clientId, issuer } = claims
  const issuedAt = Math.floor(Date.now() / 1000)
  const expiresAt = Math.min(claims.expiresAt, issuedAt + (expiresInSeconds ?? Number.POSITIVE_INFINITY))
  const owner = { sub, roles, groups, scopes, scopeWildcards, permissions, tenant, clientId, issuer }
  return identityEnvelope({ v: 1, ...owner, issuedAt, expiresAt })
}
