import { IdentityEnvelopeError } from '../errors/identity-envelope-error.js'

/**
 * Who was calling, as plain data for a queue, a worker thread or another process of the same application.
 *
 * Neither signed nor secret: whoever can write one can be anybody. Where others can reach it, see `sealIdentity`.
 * Times are in seconds since 1970 (NumericDate; RFC 7519, section 2).
 */
export interface IdentityEnvelope {
  /** The version of this format. */
  readonly v: 1
  readonly sub: string
  /** Complete, as the caller held them: a role hierarchy has been applied already, and is not applied again. */
  readonly roles: readonly string[]
  readonly groups: readonly string[]
  readonly scopes: readonly string[]
  /** Whether a granted `orders:*` covers what is below it; see `Principal.scopeWildcards`. */
  readonly scopeWildcards: boolean
  readonly permissions: readonly string[]
  /** `TokenClaims.orgId`; '' when absent. */
  readonly tenant: string
  readonly clientId: string
  readonly issuer: string
  /** When the envelope was made, not the token. */
  readonly issuedAt: number
  /** When the token expires, or the envelope, whichever is sooner. */
  readonly expiresAt: number
}

type Member = keyof IdentityEnvelope

const MEMBERS: Readonly<Record<Member, (value: unknown) => boolean>> = {
  v: (value) => value === 1,
  sub: isText,
  roles: areTexts,
  groups: areTexts,
  scopes: areTexts,
  scopeWildcards: (value) => typeof value === 'boolean',
  permissions: areTexts,
  tenant: isText,
  clientId: isText,
  issuer: isText,
  issuedAt: Number.isFinite,
  expiresAt: Number.isFinite,
}

const NAMES = Object.keys(MEMBERS) as readonly Member[]

/**
 * Reads an envelope, whoever wrote it: exactly the members it has to have, each its own and of its type.
 *
 * Times are not looked at, beyond being numbers.
 *
 * @returns a frozen copy that shares nothing with the value
 * @throws {IdentityEnvelopeError} `identity_malformed`
 */
export function identityEnvelope(value: unknown): IdentityEnvelope {
  const copy = ownMembers(value)
  if (copy === undefined || !NAMES.every((name) => MEMBERS[name](copy[name]))) {
    throw new IdentityEnvelopeError('identity_malformed')
  }
  return Object.freeze(copy) as unknown as IdentityEnvelope
}

/** The members an envelope has to have, copied; `undefined` where one is missing, inherited or too many. */
function ownMembers(value: unknown): Record<string, unknown> | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if (Reflect.ownKeys(value).length !== NAMES.length) return undefined
  if (!NAMES.every((name) => Object.hasOwn(value, name))) return undefined
  const members = value as Readonly<Record<Member, unknown>>
  return Object.fromEntries(NAMES.map((name) => [name, copyOf(members[name])] as const))
}

function copyOf(value: unknown): unknown {
  return Array.isArray(value) ? Object.freeze(Array.from(value)) : value
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function areTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every(isText)
}
