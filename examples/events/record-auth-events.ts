import type { MeterProvider } from '@opentelemetry/sdk-metrics'
import { onAuthEvent } from 'inversify-koa-auth'
import type { Logger } from 'pino'

/**
 * Feeds what the security layer reports to a log and to counters.
 *
 * Counters get values from small sets only (reasons, routes); who was denied what goes to the log.
 *
 * @returns a function that ends it
 */
export function recordAuthEvents(log: Logger, meters: Pick<MeterProvider, 'getMeter'>): () => void {
  const meter = meters.getMeter('inversify-koa-auth')
  const authenticated = meter.createCounter('auth.authenticated')
  const rejected = meter.createCounter('auth.rejected')
  const denied = meter.createCounter('auth.denied')
  const keyFetches = meter.createCounter('auth.keys.fetches')
  const revocationFetches = meter.createCounter('auth.revocation.fetches')
  const failedDecisions = meter.createCounter('auth.decisions.failed')

  const subscriptions = [
    onAuthEvent('authenticated', ({ route = 'none' }) => authenticated.add(1, { route })),
    onAuthEvent('rejected', (event) => {
      rejected.add(1, { reason: event.reason, route: event.route ?? 'none' })
      log.warn(event, 'credentials rejected')
    }),
    onAuthEvent('denied', (event) => {
      denied.add(1, { route: event.route ?? 'none' })
      log.warn(event, 'authorization denied')
    }),
    onAuthEvent('keys:refreshed', (event) => {
      keyFetches.add(1, { outcome: 'refreshed' })
      log.info(event, 'key set refreshed')
    }),
    onAuthEvent('keys:refresh-failed', (event) => {
      keyFetches.add(1, { outcome: 'failed' })
      log.error(event, 'key set not refreshed')
    }),
    onAuthEvent('keys:served-stale', (event) => log.error(event, 'serving with a stale key set')),
    onAuthEvent('revocation:refreshed', (event) => {
      revocationFetches.add(1, { outcome: 'refreshed' })
      log.info(event, 'revocation list refreshed')
    }),
    onAuthEvent('revocation:refresh-failed', (event) => {
      revocationFetches.add(1, { outcome: 'failed' })
      log.error(event, 'revocation list not refreshed')
    }),
    onAuthEvent('decision:failed', (event) => {
      failedDecisions.add(1, { route: event.route ?? 'none' })
      log.error(event, 'no decision could be had')
    }),
  ]
  return () => {
    for (const unsubscribe of subscriptions) unsubscribe()
  }
}
