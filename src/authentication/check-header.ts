import type { JWTHeaderParameters } from 'jose'
import type { IssuerSettings } from '../config/auth-client-settings.js'
import { TokenInvalidError } from '../errors/token-invalid-error.js'

/** Members that change how a token is to be read. We understand none of them, so their token is not for us. */
export const UNSUPPORTED_HEADERS = ['crit', 'b64', 'zip', 'enc'] as const

/** The settings that headers are checked against. */
export type HeaderExpectations = Pick<IssuerSettings, 'acceptedAlgorithms' | 'tokenTypes' | 'profile'>

type Header = Readonly<JWTHeaderParameters>

/** One thing that is checked, by the name it is explained by. */
export interface HeaderCheck {
  readonly name: HeaderCheckName
  /** @throws {TokenInvalidError} */
  readonly check: (header: Header, expected: HeaderExpectations) => void
}

export type HeaderCheckName = 'extensions' | 'kid' | 'alg' | 'cty' | 'typ'

/** What is checked, in this order. */
export const HEADER_CHECKS: readonly HeaderCheck[] = [
  { name: 'extensions', check: checkExtensions },
  { name: 'kid', check: checkKeyId },
  { name: 'alg', check: checkAlgorithm },
  { name: 'cty', check: checkContentType },
  { name: 'typ', check: checkType },
]

/**
 * Checks what a token says about itself, before any key is looked for (RFC 8725, sections 3.1 and 3.11).
 *
 * @throws {TokenInvalidError} `header_unsupported`, `algorithm_refused`, `type_refused` or `token_malformed`
 */
export function checkHeader(header: Header, expected: HeaderExpectations): void {
  for (const { check } of HEADER_CHECKS) check(header, expected)
}

function checkExtensions(header: Header): void {
  if (UNSUPPORTED_HEADERS.some((name) => Object.hasOwn(header, name))) throw new TokenInvalidError('header_unsupported')
}

function checkKeyId({ kid }: Header): void {
  if (kid !== undefined && typeof kid !== 'string') throw new TokenInvalidError('token_malformed')
}

function checkAlgorithm({ alg }: Header, { acceptedAlgorithms }: HeaderExpectations): void {
  if (!(acceptedAlgorithms as readonly string[]).includes(alg)) throw new TokenInvalidError('algorithm_refused')
}

function checkContentType({ cty }: Header): void {
  if (cty !== undefined && mediaType(cty) === 'jwt') throw new TokenInvalidError('header_unsupported')
}

function checkType({ typ }: Header, { tokenTypes, profile }: HeaderExpectations): void {
  const type = mediaType(typ)
  if (profile === 'rfc9068' && type !== 'at+jwt') throw new TokenInvalidError('type_refused')
  if (typ === undefined) return
  if (!tokenTypes.some((accepted) => mediaType(accepted) === type)) throw new TokenInvalidError('type_refused')
}

/** `typ` and `cty` may leave out `application/`, and letter case doesn't count (RFC 7515, section 4.1.9). */
function mediaType(value: unknown): string | undefined {
  return typeof value === 'string' ? value.toLowerCase().replace(/^application\//, '') : undefined
}
