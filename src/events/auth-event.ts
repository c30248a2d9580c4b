import { type Channel, channel } from 'node:diagnostics_channel'
import type { AuthEventName, AuthEvents } from './auth-event-types.js'

const PREFIX = 'inversify-koa-auth:'

const channels: { readonly [Name in AuthEventName]: Channel } = {
  authenticated: channel(`${PREFIX}authenticated`),
  rejected: channel(`${PREFIX}rejected`),
  denied: channel(`${PREFIX}denied`),
  'decision:failed': channel(`${PREFIX}decision:failed`),
  'keys:refreshed': channel(`${PREFIX}keys:refreshed`),
  'keys:refresh-failed': channel(`${PREFIX}keys:refresh-failed`),
  'keys:served-stale': channel(`${PREFIX}keys:served-stale`),
  'revocation:refreshed': channel(`${PREFIX}revocation:refreshed`),
  'revocation:refresh-failed': channel(`${PREFIX}revocation:refresh-failed`),
}

/** Whether anybody listens. For places so hot that not even the function that makes a payload should be made. */
export function hasListeners(name: AuthEventName): boolean {
  return channels[name].hasSubscribers
}

/** Publishes an event. The payload is made only when somebody listens. */
export function publish<Name extends AuthEventName>(name: Name, payload: () => AuthEvents[Name]): void {
  const target = channels[name]
  if (target.hasSubscribers) target.publish(Object.freeze(payload()))
}

/**
 * Calls `listener` for every event of one kind in this process.
 *
 * Unlike a plain subscriber of the channel, a listener that throws or rejects is reported as a process
 * warning and hurts nobody. Listeners run within the request that caused the event: keep them short.
 *
 * @returns a function that ends the subscription
 * @throws {TypeError} for an event that is none
 *
 * @example
 * ```ts
 * import { onAuthEvent } from 'inversify-koa-auth'
 *
 * const stop = onAuthEvent('rejected', ({ reason, route }) => console.warn('rejected', reason, route))
 * stop()
 * ```
 */
export function onAuthEvent<Name extends AuthEventName>(
  name: Name,
  listener: (event: AuthEvents[Name]) => unknown,
): () => void {
  if (!Object.hasOwn(channels, name)) {
    throw new TypeError(`${name} is not an event; known are ${Object.keys(channels).join(', ')}`)
  }
  const subscriber = async (event: unknown): Promise<void> => {
    try {
      await listener(event as AuthEvents[Name])
    } catch (error) {
      process.emitWarning(`A listener of ${PREFIX}${name} failed: ${textOf(error)}`, {
        type: 'AuthEventWarning',
        code: 'INVERSIFY_KOA_AUTH_LISTENER',
      })
    }
  }
  channels[name].subscribe(subscriber)
  return () => {
    channels[name].unsubscribe(subscriber)
  }
}

/** Anything can be thrown, also what can't be made a text. */
function textOf(thrown: unknown): string {
  try {
    return String(thrown)
  } catch {
    return typeof thrown
  }
}
