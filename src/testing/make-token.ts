import type { JWTPayload } from 'jose'
import { assertKnownOptions } from './known-options.js'
import { signature } from './signature.js'
import type { SigningKeyPair } from './signing-key-pair.js'
import { type ClaimOptions, type TestClaims, testPayload } from './test-claims.js'

/** How a test token differs from a good one. */
export interface TokenOptions extends ClaimOptions {
  /** `kid` in the header. Default: the key pair's own. `undefined` leaves it out. */
  readonly kid?: string | undefined
  /** Header members over `alg`, `typ` and `kid`: any JSON value as it is; `undefined` removes the member. */
  readonly header?: Readonly<Record<string, unknown>> | undefined
  /** Signs in place of the key pair, whose `alg` and `kid` the header goes on naming. */
  readonly key?: SigningKeyPair | undefined
}

/**
 * A signed JWT (RFC 7519): a good one unless told otherwise, with `typ: 'at+jwt'` (RFC 9068).
 *
 * Anything can be made wrong. The signature follows `header.alg` as a forger's would: `none` has none,
 * `HS256` takes the public key's PEM for its secret, and an algorithm the key doesn't suit is only claimed.
 *
 * @throws {TypeError} for an unknown option, and for a duration that isn't one.
 *
 * @example
 * ```ts
 * import { generateSigningKeyPair, makeToken } from 'inversify-koa-auth/testing'
 *
 * const keyPair = await generateSigningKeyPair()
 * const good = await makeToken(keyPair, { iss: 'https://idp.example.com', aud: 'tasks', role: ['editor'] })
 * const expired = await makeToken(keyPair, {}, { expiresIn: '-1h' })
 * const unsigned = await makeToken(keyPair, {}, { header: { alg: 'none' } })
 * const endless = await makeToken(keyPair, { exp: undefined })
 * const forged = await makeToken(keyPair, {}, { key: await generateSigningKeyPair() })
 * ```
 */
export async function makeToken(
  keyPair: SigningKeyPair,
  claims: TestClaims = {},
  options: TokenOptions = {},
): Promise<string> {
  assertKnownOptions('makeToken', options, ['kid', 'header', 'key', 'expiresIn', 'notBefore', 'roleClaim'])
  return signedToken(keyPair, testPayload(claims, options), options)
}

/** The same of a payload that is whole already. */
export async function signedToken(
  keyPair: SigningKeyPair,
  payload: Readonly<JWTPayload>,
  options: Pick<TokenOptions, 'kid' | 'header' | 'key'> = {},
): Promise<string> {
  const kid = 'kid' in options ? options.kid : keyPair.kid
  const header: Record<string, unknown> = { alg: keyPair.algorithm, typ: 'at+jwt', kid, ...options.header }
  const input = `${segment(header)}.${segment(payload)}`
  const signed = await signature(input, header['alg'], options.key ?? keyPair)
  return `${input}.${signed.toString('base64url')}`
}

function segment(content: object): string {
  return Buffer.from(JSON.stringify(content)).toString('base64url')
}
