import type { MissingPermissions } from '../errors/insufficient-permissions-error.js'

/** A caller was recognised. */
export interface AuthenticatedEvent {
  /** A hash of `sub`: the same for the same caller. Only whoever knows a subject can tell its hash. */
  readonly subjectHash: string
  readonly kid: string | undefined
  /** Method and path pattern of the route; absent outside of controllers. */
  readonly route: string | undefined
}

/** Credentials were refused. */
export interface RejectedEvent {
  /** The error's code: `token_expired`, `signature_mismatch`, `keys_unavailable` … */
  readonly reason: string
  /** Claimed by the token, not verified; at most 128 characters of it. */
  readonly kid: string | undefined
  /** A hash of the `sub` that the token claims, not verified; absent where it can't be read. */
  readonly subjectHash: string | undefined
  readonly route: string | undefined
}

/** A known caller was not allowed to do something. The one event that names people: it is the audit trail. */
export interface DeniedEvent {
  /** The caller's `sub`; '' where nobody is signed in, which only an agent's refusal can be about. */
  readonly subject: string
  /** The agent's `sub`, where the agent was not allowed either, or alone. */
  readonly agent?: string
  readonly roles: readonly string[]
  readonly missing: MissingPermissions
  readonly route: string | undefined
}

/** Something of the application's own that has a say in who may do what failed. Nobody was let through. */
export interface DecisionFailedEvent {
  readonly source: 'policy' | 'role-resolver'
  /** The name of its class. */
  readonly name: string
  readonly reason: 'threw' | 'timed_out' | 'wrong_type'
  /** Method and path pattern of the route; absent outside of controllers. */
  readonly route: string | undefined
  /** What was thrown, or tells what came in place of an answer. It is the application's own: it may hold anything. */
  readonly error: unknown
}

/** The key set was fetched. */
export interface KeysRefreshedEvent {
  readonly issuer: string
  /** How many keys of the set are meant for signatures. */
  readonly keys: number
  readonly durationMs: number
}

/** The key set could not be fetched. */
export interface KeysRefreshFailedEvent {
  readonly issuer: string
  /** What went wrong, in words for operators. */
  readonly reason: string
  readonly durationMs: number
}

/** A key set past its TTL is in use because no newer one can be had. Published once per failed fetch. */
export interface KeysServedStaleEvent {
  readonly issuer: string
  readonly ageSeconds: number
}

/** The list of revoked tokens was fetched. */
export interface RevocationRefreshedEvent {
  /** How many tokens are on it. */
  readonly entries: number
  readonly durationMs: number
}

/** The list of revoked tokens could not be fetched. */
export interface RevocationRefreshFailedEvent {
  readonly reason: string
  readonly durationMs: number
}

/** What is published under `inversify-koa-auth:<name>` on `node:diagnostics_channel`. */
export interface AuthEvents {
  readonly authenticated: AuthenticatedEvent
  readonly rejected: RejectedEvent
  readonly denied: DeniedEvent
  readonly 'decision:failed': DecisionFailedEvent
  readonly 'keys:refreshed': KeysRefreshedEvent
  readonly 'keys:refresh-failed': KeysRefreshFailedEvent
  readonly 'keys:served-stale': KeysServedStaleEvent
  readonly 'revocation:refreshed': RevocationRefreshedEvent
  readonly 'revocation:refresh-failed': RevocationRefreshFailedEvent
}

/** The name of an event, without the common prefix of the channels. */
export type AuthEventName = keyof AuthEvents
