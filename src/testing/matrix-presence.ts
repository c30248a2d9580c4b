import type { Container } from 'inversify'
import { TokenValidator } from '../authentication/token-validator.js'
import type { Principal } from '../authorization/principal.js'
import { isAuthError } from '../errors/auth-error.js'
import { Principals } from '../http/principals.js'
import type { MatrixCaller } from './matrix-callers.js'
import { agentToken, callerToken, type Issuance } from './matrix-tokens.js'

/** A caller with all it takes to call. */
export interface Presence {
  readonly caller: MatrixCaller
  readonly headers: Readonly<Record<string, string>>
  /** Who the application takes it for, by its own resolver and hierarchy; `undefined` where the token isn't valid. */
  readonly principal: Principal | undefined
}

/**
 * Gives a caller its tokens, and asks the application who that is.
 *
 * @throws {TypeError} when it refuses a token that is meant to be good.
 */
export async function presence(caller: MatrixCaller, container: Container, issuance: Issuance): Promise<Presence> {
  if (caller.token === 'none') return { caller, headers: {}, principal: undefined }
  const token = await callerToken(caller, issuance)
  const agent = caller.agentScopes && (await agentToken(caller.agentScopes, issuance))
  const headers = {
    authorization: `Bearer ${token}`,
    ...(agent === undefined ? {} : { 'x-agent-authorization': `Bearer ${agent}` }),
  }
  if (caller.token !== 'valid') return { caller, headers, principal: undefined }
  try {
    const validator = container.get(TokenValidator)
    if (agent !== undefined) await validator.validate(agent)
    const verified = await validator.validate(token)
    return { caller, headers, principal: await container.get(Principals).of(verified) }
  } catch (error) {
    throw isAuthError(error) ? refused(caller, error) : error
  }
}

const KEYS = "The keys have to be the kit's: kit.install(container), or leave the kit to the matrix"

const HINTS: Readonly<Record<string, string>> = {
  key_unknown: KEYS,
  keys_unavailable: KEYS,
  signature_mismatch: KEYS,
  token_too_long: 'That is auth_client.max_token_bytes; some callers have all that any route asks for',
  revocation_unavailable: 'For the matrix, rebind RevocationCheck to one that answers',
}

function refused({ name }: MatrixCaller, error: Error & { readonly code: string }): TypeError {
  const details = error.cause instanceof Error ? ` (${error.cause.message})` : ''
  const hint = HINTS[error.code] ?? 'What a token has to say for that goes into { claims: { … } }'
  return new TypeError(`the application does not accept "${name}": ${error.message}${details}. ${hint}`, {
    cause: error,
  })
}
