import type { Container } from 'inversify'
import { acceptedIssuers } from '../authentication/issuer-selection.js'
import { AuthClientSettings, type IssuerSettings } from '../config/auth-client-settings.js'
import { SHARED_PLAIN_ROUTES } from '../controllers/plain-route.js'
import { routeListing } from '../controllers/route-listing.js'
import { RouteTable } from '../controllers/route-table.js'
import { JwksClient } from '../keys/jwks-client.js'
import { KeySource } from '../keys/key-source.js'

/**
 * Prints whose tokens an application accepts, how many keys it has, every route and who may call it; for the start
 * of a process, after `warmUp` when keys are to be counted. Routes that nobody has decorated are marked, and so are
 * those that have been added to the container's `Router` by hand.
 *
 * @param print called once with the whole text; by default it goes to standard output
 *
 * @example
 * ```ts
 * import type { Container } from 'inversify'
 * import Koa from 'koa'
 * import { printRoutes, warmUp } from 'inversify-koa-auth'
 *
 * export async function start(container: Container) {
 *   await warmUp(container)
 *   printRoutes(container)
 *   return container.get(Koa).listen(3000)
 * }
 * ```
 */
export function printRoutes(
  container: Pick<Container, 'get'>,
  print: (text: string) => void = (text) => process.stdout.write(`${text}\n`),
): void {
  const settings = container.get<AuthClientSettings>(AuthClientSettings)
  const banner = settings.enabled
    ? acceptedIssuers(settings).flatMap((issuer) => issuerLines(issuer, knownKeys(container, settings, issuer)))
    : ['auth_client.enabled is false: every route is open and nothing is enforced.']
  const { routes } = container.get(RouteTable)
  print([...banner, '', routeListing(routes, container.get(SHARED_PLAIN_ROUTES))].join('\n'))
}

function issuerLines({ issuer, audience }: IssuerSettings, keys: string): readonly string[] {
  return [`Issuer    ${issuer}`, `Audience  ${audience.join(', ')}`, `Keys      ${keys}`]
}

/** Only the keys of a `JwksClient` can be counted. */
function knownKeys(
  container: Pick<Container, 'get'>,
  { issuers }: AuthClientSettings,
  { issuer }: IssuerSettings,
): string {
  const source = keySource(container)
  const keys = issuers.length > 1 ? source?.forIssuer?.(issuer) : source
  if (!(keys instanceof JwksClient)) return "from the application's KeySource"
  return String(keys.keyCount ?? 'not fetched yet')
}

/** One that takes time to resolve is the application's own. */
function keySource(container: Pick<Container, 'get'>): KeySource | undefined {
  try {
    return container.get<KeySource>(KeySource)
  } catch {
    return undefined
  }
}
