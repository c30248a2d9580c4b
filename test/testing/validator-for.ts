import { TokenValidator } from '../../src/authentication/token-validator.js'
import type { AuthClientOptions } from '../../src/config/auth-client-settings.js'
import { loadSettings } from '../../src/config/load-settings.js'
import type { KeySource } from '../../src/keys/key-source.js'
import type { AuthTestKit } from '../../src/testing/index.js'

/** The library's own validator with a kit's settings and keys, or with others. */
export function validatorFor(
  kit: Pick<AuthTestKit, 'settings'> & { readonly keySource: KeySource },
  options: AuthClientOptions = {},
): TokenValidator {
  const settings = loadSettings({ options: { ...kit.settings, ...options }, configFiles: [] })
  return new TokenValidator({ settings, keys: kit.keySource })
}

/** The code of the error that a promise is rejected with; 'resolved' when it isn't. */
export async function codeOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'resolved',
    (error: { code?: unknown }) => error.code ?? error,
  )
}
