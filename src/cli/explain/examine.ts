import type { CryptoKey, JWTPayload } from 'jose'
import { CLAIM_CHECKS } from '../../authentication/check-claims.js'
import { HEADER_CHECKS } from '../../authentication/check-header.js'
import { issuerSelection, type TrustedIssuer } from '../../authentication/issuer-selection.js'
import { keyFor } from '../../authentication/trusted-key.js'
import { verifySignature } from '../../authentication/verify-signature.js'
import type { AuthClientSettings } from '../../config/auth-client-settings.js'
import { type AuthError, isAuthError } from '../../errors/auth-error.js'
import { KeysUnavailableError } from '../../errors/keys-unavailable-error.js'
import { TokenInvalidError } from '../../errors/token-invalid-error.js'
import type { KeySource } from '../../keys/key-source.js'
import { type CompactJws, compactJws } from '../../tokens/compact-jws.js'
import { jsonObject } from '../../tokens/json-object.js'
import type { RawToken } from '../../tokens/raw-token.js'
import { either, listed, shown } from '../shown.js'
import { CLAIM_ROWS, type Comparison } from './claim-rows.js'
import { HEADER_ROWS } from './header-rows.js'

/** One check, and what came of it. */
export interface CheckResult extends Comparison {
  readonly check: string
  readonly result: 'ok' | 'refused' | 'not reached'
  readonly error?: AuthError
}

/** What a token is examined with. */
export interface ExaminationParts {
  readonly settings: AuthClientSettings
  readonly keys: KeySource
  /** Seconds since 1970. */
  readonly now: number
}

/**
 * Every check of a `TokenValidator`, in its order, with what was expected and what was found. The first that refuses
 * is the verdict; those that can be made all the same follow, so that one look shows everything that is wrong.
 *
 * No key is asked for on behalf of a token that is refused before.
 */
export async function examine(token: string, parts: ExaminationParts): Promise<readonly CheckResult[]> {
  const { settings, now } = parts
  const log = new Log()
  log.check('size', { expected: `at most ${settings.maxTokenBytes} bytes`, actual: String(token.length) }, () => {
    if (token.length > settings.maxTokenBytes) throw new TokenInvalidError('token_too_long')
  })
  let jws: CompactJws | undefined
  log.check('form', { expected: 'a signed JWT: header, payload and signature', actual: form(token) }, () => {
    jws = compactJws(token as RawToken)
  })
  const issuer = jws && trusted(jws, parts, log)
  if (jws === undefined || issuer === undefined) return log.results
  for (const { name, check } of HEADER_CHECKS) {
    const row = HEADER_ROWS[name](jws.header, issuer.settings)
    const { header } = jws
    if (row !== undefined) log.check(name, row, () => check(header, issuer.settings))
  }
  await checkSignature(jws, issuer, log)
  const payload = readPayload(jws, log)
  for (const { name, check } of payload === undefined ? [] : CLAIM_CHECKS) {
    const row = CLAIM_ROWS[name](payload as JWTPayload, issuer.settings, now)
    if (row !== undefined) log.check(name, row, () => check(payload as JWTPayload, issuer.settings, now))
  }
  return log.results
}

class Log {
  readonly results: CheckResult[] = []

  get isGoodSoFar(): boolean {
    return this.results.every(({ result }) => result === 'ok')
  }

  check(check: string, row: Comparison, run: () => void): void {
    try {
      run()
      this.results.push({ check, ...row, result: 'ok' })
    } catch (error) {
      this.refuse(check, row, error)
    }
  }

  refuse(check: string, row: Comparison, error: unknown): void {
    if (!isAuthError(error)) throw error
    this.results.push({ check, ...row, result: 'refused', error })
  }

  skip(check: string, expected: string): void {
    this.results.push({ check, expected, actual: 'not asked', result: 'not reached' })
  }
}

/** With one issuer, nothing is read to find it; its name is checked with the other claims. */
function trusted(jws: CompactJws, { settings, keys }: ExaminationParts, log: Log): TrustedIssuer | undefined {
  const selection = issuerSelection(settings, keys)
  if (settings.issuers.length < 2) return selection.select(jws)
  const expected = either(settings.issuers.map(({ issuer }) => issuer))
  let selected: TrustedIssuer | undefined
  log.check('issuers', { expected, actual: shown(jsonObject(jws.payload)?.['iss']) }, () => {
    selected = selection.select(jws)
  })
  return selected
}

async function checkSignature(jws: CompactJws, issuer: TrustedIssuer, log: Log): Promise<void> {
  const { kid, alg } = jws.header
  const wanted = kid === undefined ? `one key for ${shown(alg)}` : `key ${shown(kid)} for ${shown(alg)}`
  const key = log.isGoodSoFar ? await findKey(jws, issuer, wanted, log) : log.skip('key', wanted)
  const expected = 'made with that key'
  if (key === undefined) return log.skip('signature', expected)
  try {
    await verifySignature(jws, key)
    log.check('signature', { expected, actual: 'matches' }, () => undefined)
  } catch (error) {
    log.refuse('signature', { expected, actual: 'does not match' }, error)
  }
}

async function findKey(
  { header }: CompactJws,
  issuer: TrustedIssuer,
  expected: string,
  log: Log,
): Promise<CryptoKey | undefined> {
  try {
    const key = await keyFor(issuer, header)
    log.check('key', { expected, actual: strength(key) }, () => undefined)
    return key
  } catch (error) {
    const cause = error instanceof KeysUnavailableError ? error.cause : undefined
    log.refuse('key', { expected, actual: cause instanceof Error ? shown(cause.message) : 'none that fits' }, error)
    return undefined
  }
}

function strength({ algorithm }: CryptoKey): string {
  const { name, modulusLength, namedCurve } = algorithm as {
    readonly name: string
    readonly modulusLength?: number
    readonly namedCurve?: string
  }
  return [name, namedCurve, modulusLength && `${modulusLength} bits`].filter(Boolean).join(', ')
}

function readPayload({ payload }: CompactJws, log: Log): JWTPayload | undefined {
  const claims = jsonObject(payload) as JWTPayload | undefined
  const row = { expected: 'a JSON object, each name once', actual: claims === undefined ? 'something else' : 'that' }
  log.check('payload', row, () => {
    if (claims === undefined) throw new TokenInvalidError('token_malformed')
  })
  return claims
}

const PARTS = ['header', 'payload', 'signature']

function form(token: string): string {
  const parts = token.split('.')
  if (parts.length === 5) return 'five parts: an encrypted token (JWE)'
  if (parts.length !== 3) return parts.length === 1 ? 'no dots in it: not a JWT' : `${parts.length} parts`
  const bad = PARTS.filter((_, index) => !/^[\w-]+$/.test(parts[index] ?? ''))
  return bad.length === 0 ? listed(PARTS) : `${listed(PARTS)}; not base64url: ${listed(bad)}`
}
