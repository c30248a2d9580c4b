import type { JWTPayload } from 'jose'
import { deepFreeze } from './deep-freeze.js'

/**
 * What an agent's token says: which agent acts, for whom, in which task, and what it may do.
 *
 * A claim that is absent, or of another type than expected, reads as empty. Everything is frozen. Whether `userId`
 * is the person whose own token came along is not checked, since issuers may name people differently in the two:
 * where they don't, compare it with `SecurityContext.require().sub`.
 */
export interface AgentClaims {
  /** `sub`: the agent, in the issuer's terms; '' when absent. */
  readonly sub: string
  /** `task_type`: the kind of work the agent was set; '' when absent. */
  readonly taskType: string
  /** `task_id`: the one piece of work; '' when absent. */
  readonly taskId: string
  /** `user_id`: the person the agent works for; '' when absent. */
  readonly userId: string
  /** `session_id`; '' when absent. */
  readonly sessionId: string
  /** `conversation_id`; '' when absent. */
  readonly conversationId: string
  /** `org_id`: the tenant; '' when absent. */
  readonly orgId: string
  /** `role`: the part the agent plays. It is none of the caller's roles; '' when absent. */
  readonly role: string
  /** `spend_limit`, as decimal text: amounts of money outlive no rounding. '' when absent, which `Number` reads as 0. */
  readonly spendLimit: string
  /** `scopes`: what the agent may do. Anything but a list of strings grants nothing at all. */
  readonly scopes: readonly string[]
  /** `parent_chain`: the agents that this one was started by. Anything but a list of strings reads as empty. */
  readonly parentChain: readonly string[]
  /** All claims, as the issuer wrote them. */
  readonly rawClaims: Readonly<JWTPayload>
}

/** Reads the claims of an agent's token, and freezes them. Never throws, whatever the payload holds. */
export function toAgentClaims(payload: Readonly<JWTPayload>): AgentClaims {
  return Object.freeze({
    sub: text(payload, 'sub'),
    taskType: text(payload, 'task_type'),
    taskId: text(payload, 'task_id'),
    userId: text(payload, 'user_id'),
    sessionId: text(payload, 'session_id'),
    conversationId: text(payload, 'conversation_id'),
    orgId: text(payload, 'org_id'),
    role: text(payload, 'role'),
    spendLimit: amount(payload['spend_limit']),
    scopes: texts(payload['scopes']),
    parentChain: texts(payload['parent_chain']),
    rawClaims: deepFreeze(payload),
  })
}

const NOTHING: readonly string[] = Object.freeze([])

function text(payload: Readonly<JWTPayload>, name: string): string {
  const value = payload[name]
  return typeof value === 'string' ? value : ''
}

/** Text stays as it is; a JSON number is written out. JSON can also spell numbers beyond all bounds. */
function amount(value: unknown): string {
  if (typeof value === 'number' && Number.isFinite(value)) return String(value)
  return typeof value === 'string' ? value : ''
}

/** A list that isn't what it should be in one place is not to be relied on in the others. */
function texts(value: unknown): readonly string[] {
  const isList = Array.isArray(value) && value.every((item) => typeof item === 'string')
  return isList ? Object.freeze(value) : NOTHING
}
