import type { Container } from 'inversify'
import { RevocationCheck } from '../authentication/revocation-check.js'
import { AuthClientSettings } from '../config/auth-client-settings.js'
import { KeySource } from '../keys/key-source.js'

/**
 * Fetches keys and revocation state ahead of the first request, so that nobody waits for them.
 *
 * Comes back when that is done or has failed: an identity provider that is down is no reason not to start.
 *
 * @example
 * ```ts
 * import type { Container } from 'inversify'
 * import Koa from 'koa'
 * import { warmUp } from 'inversify-koa-auth'
 *
 * export async function start(container: Container) {
 *   await warmUp(container)
 *   return container.get(Koa).listen(3000)
 * }
 * ```
 */
export async function warmUp(container: Pick<Container, 'getAsync'>): Promise<void> {
  const { enabled } = await container.getAsync(AuthClientSettings)
  if (!enabled) return
  const [keys, revocation] = await Promise.all([container.getAsync(KeySource), container.getAsync(RevocationCheck)])
  await Promise.allSettled([keys, revocation].map(async (source) => source.warmUp?.()))
}
