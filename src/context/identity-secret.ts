import { AuthConfigurationError, type ConfigurationProblem } from '../errors/auth-configuration-error.js'
import { base64urlBytes } from '../tokens/base64url.js'

/** A key of its own for sealing identities: 32 random bytes, or their base64url text without padding. */
export type IdentitySecret = Uint8Array | string

const KEY_BYTES = 32

/**
 * The keys that secrets stand for.
 *
 * @throws {AuthConfigurationError} listing every one that isn't 32 bytes, by its place in the list; or that none is there.
 */
export function identityKeys(secrets: readonly IdentitySecret[]): readonly Uint8Array[] {
  const keys = secrets.map(keyOf)
  const problems = keys.flatMap((key, i) => (key === undefined ? [problem(`identity secret ${i + 1}`)] : []))
  if (keys.length === 0) problems.push(problem('identity secret'))
  if (problems.length > 0) throw new AuthConfigurationError(problems)
  return keys.filter((key) => key !== undefined)
}

/** Secrets come from the environment, where anything may stand, or nothing. */
function keyOf(secret: unknown): Uint8Array | undefined {
  const bytes = typeof secret === 'string' ? base64urlBytes(secret) : secret
  return bytes instanceof Uint8Array && bytes.length === KEY_BYTES ? bytes : undefined
}

function problem(where: string): ConfigurationProblem {
  return { where, message: 'has to be 32 random bytes, or their base64url text of 43 characters' }
}
