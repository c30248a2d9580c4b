import type { JWTPayload } from 'jose'
import type { ClaimCheckName, ClaimExpectations } from '../../authentication/check-claims.js'
import { claimAt } from '../../tokens/claim-at.js'
import { either, listed, moment, shown } from '../shown.js'

/** What is asked, and what the token says. */
export interface Comparison {
  readonly expected: string
  readonly actual: string
}

type Compare = (payload: Readonly<JWTPayload>, expected: ClaimExpectations, now: number) => Comparison | undefined

/** Both sides of every check; `undefined` where the settings or the token have nothing to compare. */
export const CLAIM_ROWS: Readonly<Record<ClaimCheckName, Compare>> = {
  types: (payload) => ({ expected: 'text, and numbers for times', actual: listed(types(payload)) }),
  iss: ({ iss }, { issuer }) => ({ expected: issuer, actual: `${shown(iss)}${slash(iss, issuer)}` }),
  aud: (payload, { audience, audienceClaims }) => ({
    expected: `${either(audience)}${audienceClaims.join() === 'aud' ? '' : ` at ${either(audienceClaims)}`}`,
    actual: values(payload, audienceClaims),
  }),
  required_claims: (payload, { requiredClaims }) =>
    compared(payload, requiredClaims, (accepted) => (accepted === true ? 'any value' : `one of ${listed(accepted)}`)),
  refused_claims: (payload, { refusedClaims }) =>
    compared(payload, refusedClaims, (refused) => `none of ${listed(refused)}`),
  profile: (payload, { profile }) =>
    profile === '' ? undefined : { expected: `${listed(PROFILE_CLAIMS)} (${profile})`, actual: listed(held(payload)) },
  exp: ({ exp }) => ({ expected: 'present', actual: exp === undefined ? 'absent' : 'present' }),
  nbf: ({ nbf }, expected, now) => (nbf === undefined ? undefined : notLater(nbf, expected, now)),
  iat: ({ iat }, expected, now) => (iat === undefined ? undefined : notLater(iat, expected, now)),
  expiry: ({ exp }, { clockToleranceSeconds }, now) => ({
    expected: `later than now, or ${clockToleranceSeconds} s ago`,
    actual: moment(exp, now),
  }),
  age: ({ iat }, { maxTokenAgeSeconds }, now) =>
    maxTokenAgeSeconds === 0
      ? undefined
      : { expected: `issued at most ${maxTokenAgeSeconds} s ago`, actual: moment(iat, now) },
}

const TYPED_CLAIMS = ['iss', 'sub', 'aud', 'jti', 'exp', 'nbf', 'iat']
const PROFILE_CLAIMS = ['sub', 'iat', 'jti', 'client_id']

function types(payload: Readonly<JWTPayload>): readonly string[] {
  return TYPED_CLAIMS.filter((name) => Object.hasOwn(payload, name)).map((name) => `${name} ${typeName(payload[name])}`)
}

function typeName(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? `list of ${[...new Set(value.map(typeName))].join(' and ')}` : typeof value
}

/** The commonest mistake of all. */
function slash(iss: unknown, issuer: string): string {
  const differsBySlash = typeof iss === 'string' && iss !== issuer && withoutSlash(iss) === withoutSlash(issuer)
  return differsBySlash ? ' (differs by the slash at the end only)' : ''
}

function withoutSlash(text: string): string {
  return text.replace(/\/$/, '')
}

function held(payload: Readonly<JWTPayload>): readonly string[] {
  return PROFILE_CLAIMS.filter((name) => payload[name] !== undefined && payload[name] !== '')
}

function compared<Rule>(
  payload: Readonly<JWTPayload>,
  rules: Readonly<Record<string, Rule>>,
  wanted: (rule: Rule) => string,
): Comparison | undefined {
  const entries = Object.entries(rules)
  if (entries.length === 0) return undefined
  return {
    expected: entries.map(([path, rule]) => `${path}: ${wanted(rule)}`).join('; '),
    actual: entries.map(([path]) => `${path}: ${shown(claimAt(payload, path))}`).join('; '),
  }
}

function values(payload: Readonly<JWTPayload>, paths: readonly string[]): string {
  const found = paths.map((path) => claimAt(payload, path)).filter((value) => value !== undefined)
  return found.length === 0 ? 'absent' : found.map(shown).join(', ')
}

function notLater(time: unknown, { clockToleranceSeconds }: ClaimExpectations, now: number): Comparison {
  return { expected: `not later than in ${clockToleranceSeconds} s`, actual: moment(time, now) }
}
