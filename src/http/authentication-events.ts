import type { IncomingMessage } from 'node:http'
import type { Principal } from '../authorization/principal.js'
import { isProblemError } from '../errors/problem-error.js'
import { hasListeners, publish } from '../events/auth-event.js'
import type { AuthenticatedEvent } from '../events/auth-event-types.js'
import { subjectHash } from '../events/subject-hash.js'

/** How much of a key id that nobody has verified goes into an event. */
const MAX_KID = 128

/** Publishes who was recognised. */
export function publishAuthenticated(principal: Principal, request: IncomingMessage, route: string | undefined): void {
  if (hasListeners('authenticated')) publish('authenticated', () => authenticated(principal, request, route))
}

function authenticated(
  { claims }: Principal,
  { headers }: IncomingMessage,
  route: string | undefined,
): AuthenticatedEvent {
  return { subjectHash: subjectHash(claims.sub), kid: claimedTraits(headers.authorization).kid, route }
}

/** Publishes why a request's credentials were refused. Whom the token claims to be for is told by hash only. */
export function publishRejected(error: unknown, authorization: string | undefined, route: string | undefined): void {
  if (!isProblemError(error)) return
  publish('rejected', () => ({ reason: error.code, ...claimedTraits(authorization), route }))
}

/** Publishes why an agent's token was refused, under a reason that says whose token it was. */
export function publishAgentRejected(
  error: unknown,
  header: string | readonly string[] | undefined,
  route: string | undefined,
): void {
  if (!isProblemError(error)) return
  publish('rejected', () => ({
    reason: error.code.startsWith('agent_') ? error.code : `agent_${error.code}`,
    ...claimedTraits(header?.toString()),
    route,
  }))
}

/** What credentials say of themselves, whether that is true or not. */
function claimedTraits(authorization: string | undefined): {
  readonly kid: string | undefined
  readonly subjectHash: string | undefined
} {
  const [header, payload] = authorization?.split(' ').at(-1)?.split('.') ?? []
  const { kid } = decoded(header)
  const { sub } = decoded(payload)
  return {
    kid: typeof kid === 'string' ? kid.slice(0, MAX_KID) : undefined,
    subjectHash: typeof sub === 'string' ? subjectHash(sub) : undefined,
  }
}

function decoded(segment: string | undefined): { readonly kid?: unknown; readonly sub?: unknown } {
  try {
    return JSON.parse(Buffer.from(segment ?? '', 'base64url').toString('utf8')) ?? {}
  } catch {
    return {}
  }
}
