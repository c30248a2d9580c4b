import type { JWTHeaderParameters } from 'jose'
import type { IssuerSettings } from '../config/auth-client-settings.js'
import { TokenInvalidError } from '../errors/token-invalid-error.js'

/** Members that change how a token is to be read. We understand none of them, so their token is not for us. */
const UNSUPPORTED = ['crit', 'b64', 'zip', 'enc'] as const

/**
 * Checks what a token says about itself, before any key is looked for (RFC 8725, sections 3.1 and 3.11).
 *
 * @throws {TokenInvalidError} `header_unsupported`, `algorithm_refused` or `type_refused`
 */
export function checkHeader(
  header: Readonly<JWTHeaderParameters>,
  { acceptedAlgorithms, tokenTypes, profile }: Pick<IssuerSettings, 'acceptedAlgorithms' | 'tokenTypes' | 'profile'>,
): void {
  if (UNSUPPORTED.some((name) => Object.hasOwn(header, name))) throw new TokenInvalidError('header_unsupported')
  if (header.kid !== undefined && typeof header.kid !== 'string') throw new TokenInvalidError('token_malformed')
  if (!(acceptedAlgorithms as readonly string[]).includes(header.alg)) throw new TokenInvalidError('algorithm_refused')
  if (header.cty !== undefined && mediaType(header.cty) === 'jwt') throw new TokenInvalidError('header_unsupported')
  const type = mediaType(header.typ)
  if (profile === 'rfc9068' && type !== 'at+jwt') throw new TokenInvalidError('type_refused')
  if (header.typ === undefined) return
  if (!tokenTypes.some((accepted) => mediaType(accepted) === type)) throw new TokenInvalidError('type_refused')
}

/** `typ` and `cty` may leave out `application/`, and letter case doesn't count (RFC 7515, section 4.1.9). */
function mediaType(value: unknown): string | undefined {
  return typeof value === 'string' ? value.toLowerCase().replace(/^application\//, '') : undefined
}
