import { isClaimPath } from './claim-path.js'
import { isListMapping, isMapping, isMappingOf, isNameList, json } from './mapping.js'
import { roleCycle } from './role-cycle.js'
import { isSecureUrl } from './secure-url.js'
import { isSupportedHere } from './supported-algorithm.js'

/** What a setting's value may be: how text becomes a value, and what is expected when it doesn't. */
export interface Format {
  /** Turns text, as the environment gives it, into a value. Text that makes no sense stays as it is. */
  readonly coerce: (text: string) => unknown
  /** `undefined` when the value is good, else what would be. Never repeats the value. */
  readonly expectation: (value: unknown) => string | undefined
}

/** 2^31 - 1, the longest delay a timer takes in milliseconds; nothing we count needs more. */
const MAX_NUMBER = 2_147_483_647

/** The same for what is counted in seconds. */
const MAX_DELAY_SECONDS = Math.floor(MAX_NUMBER / 1000)

/** A cache reserves its places beforehand: a million of them are some 20 MB. */
const MAX_CACHE_SIZE = 1_000_000

const ALGORITHMS: readonly string[] = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'ML-DSA-44',
  'ML-DSA-65',
  'ML-DSA-87',
]

const BAD_POINTER = 'must list claim paths; one that begins with / is a JSON pointer, where ~ stands before 0 or 1 only'

/**
 * Our own formats: convict's `Boolean` takes "maybe" for true and its `nat` takes "10abc" for 10.
 */
export const FORMATS = {
  'auth-boolean': {
    coerce: (text) => (text === 'true' ? true : text === 'false' ? false : text),
    expectation: (value) => (typeof value === 'boolean' ? undefined : 'must be true or false'),
  },
  'auth-nat': {
    coerce: number,
    expectation: (value) => wholeNumber(value, 0),
  },
  'auth-positive': {
    coerce: number,
    expectation: (value) => wholeNumber(value, 1),
  },
  'auth-delay': {
    coerce: number,
    expectation: (value) => wholeNumber(value, 1, MAX_DELAY_SECONDS),
  },
  'auth-cache-size': {
    coerce: number,
    expectation: (value) => wholeNumber(value, 0, MAX_CACHE_SIZE),
  },
  'auth-profile': {
    coerce: text,
    expectation: (value) => (value === '' || value === 'rfc9068' ? undefined : 'must be empty or rfc9068'),
  },
  'auth-secret': {
    coerce: text,
    expectation: (value) =>
      typeof value === 'string' && /^[\x21-\x7e]*$/.test(value) ? undefined : 'must be printable ASCII without spaces',
  },
  'auth-issuer': {
    coerce: text,
    expectation: (value) =>
      value === '' || isSecureUrl(value)
        ? undefined
        : 'must be the exact issuer URL: https (http only for loopback hosts), without query, fragment, user or spaces',
  },
  'auth-url': {
    coerce: text,
    expectation: (value) =>
      value === '' || isSecureUrl(value, { query: true })
        ? undefined
        : 'must be empty or an https URL (http only for loopback hosts), without fragment, user or spaces',
  },
  'auth-list': {
    coerce: list,
    expectation: (value) => (isNameList(value) ? undefined : 'must be a list of names, none of them empty'),
  },
  'auth-names': {
    coerce: list,
    expectation: (value) =>
      isNameList(value) && value.length > 0 ? undefined : 'must list at least one name, none of them empty',
  },
  'auth-claim-paths': {
    coerce: list,
    expectation: (value) => {
      if (!isNameList(value)) return 'must be a list of names, none of them empty'
      return value.every(isClaimPath) ? undefined : BAD_POINTER
    },
  },
  'auth-needed-claim-paths': {
    coerce: list,
    expectation: (value) => {
      if (!isNameList(value) || value.length === 0) return 'must list at least one name, none of them empty'
      return value.every(isClaimPath) ? undefined : BAD_POINTER
    },
  },
  'auth-claim-values': {
    coerce: mapping,
    expectation: (value) => {
      if (!isMappingOf(value, isNeededList)) {
        return 'must map claim paths to lists of values, none of them empty; as text it is JSON, such as {"token_use":["access"]}'
      }
      return hasClaimPaths(value) ? undefined : BAD_POINTER
    },
  },
  'auth-required-claims': {
    coerce: mapping,
    expectation: (value) => {
      if (!isMappingOf(value, (accepted) => accepted === true || isNeededList(accepted))) {
        return 'must map claim paths to lists of values, none of them empty, or to true for any value; as text it is JSON, such as {"token_use":["access"],"azp":true}'
      }
      return hasClaimPaths(value) ? undefined : BAD_POINTER
    },
  },
  'auth-hierarchy': {
    coerce: mapping,
    expectation: (value) => {
      if (!isListMapping(value)) {
        return 'must map roles to lists of roles, no name empty; as text it is JSON, such as {"admin":["manager"]}'
      }
      const cycle = roleCycle(value)
      return cycle === undefined ? undefined : `goes round in a circle: ${cycle.join(' > ')}`
    },
  },
  'auth-issuers': {
    coerce: (text) => (text === '' ? [] : json(text)),
    expectation: (value) =>
      Array.isArray(value) && value.every(isMapping)
        ? undefined
        : 'must be a list of issuers, each a mapping of its settings; as text it is JSON, such as [{"issuer":"https://idp.example.com"}]',
  },
  'auth-error-detail': {
    coerce: text,
    expectation: (value) => (value === 'full' || value === 'minimal' ? undefined : 'must be full or minimal'),
  },
  'auth-algorithms': {
    coerce: list,
    expectation: (value) => {
      if (!isNameList(value) || value.length === 0) return `must list at least one of ${ALGORITHMS.join(', ')}`
      if (value.some((name) => /^(none|hs\d+)$/i.test(name))) {
        return `none and HS* are never accepted, because whoever can check such a token can forge it; use some of ${ALGORITHMS.join(', ')}`
      }
      if (!value.every((name) => ALGORITHMS.includes(name))) return `must list only ${ALGORITHMS.join(', ')}`
      return value.every(isSupportedHere) ? undefined : 'lists ML-DSA, which needs Node.js 24.7 or later'
    },
  },
} as const satisfies Record<string, Format>

/** The name of a {@link Format}, as the schema uses it. */
export type FormatName = keyof typeof FORMATS

function text(value: string): string {
  return value
}

function number(value: string): unknown {
  return /^(0|[1-9]\d{0,9})$/.test(value) ? Number(value) : value
}

function list(value: string): readonly string[] {
  return value === '' ? [] : value.split(',').map((name) => name.trim())
}

function mapping(text: string): unknown {
  return text === '' ? {} : json(text)
}

function wholeNumber(value: unknown, least: number, most = MAX_NUMBER): string | undefined {
  const fits = Number.isInteger(value) && (value as number) >= least && (value as number) <= most
  return fits ? undefined : `must be a whole number from ${least} to ${most}`
}

function isNeededList(value: unknown): boolean {
  return isNameList(value) && value.length > 0
}

function hasClaimPaths(mapping: unknown): boolean {
  return Object.keys(mapping as object).every(isClaimPath)
}
