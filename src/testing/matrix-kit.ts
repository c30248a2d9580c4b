import type { Container } from 'inversify'
import { acceptedIssuers } from '../authentication/issuer-selection.js'
import { AuthClientSettings, type IssuerSettings } from '../config/auth-client-settings.js'
import { AuthTestKit } from './auth-test-kit.js'

/**
 * A kit whose tokens a container accepts from now on, in place of its issuer's; of several issuers, the first one's.
 *
 * @throws {TypeError} when nothing is enforced, and nobody's tokens would be accepted.
 */
export async function installedKit(container: Container): Promise<AuthTestKit> {
  const settings = container.get<AuthClientSettings>(AuthClientSettings)
  const [{ issuer, audience, acceptedAlgorithms } = settings] = acceptedIssuers(settings)
  if (issuer === '') throw new TypeError('auth_client.enabled is false, and no issuer is set: there is no rule to hold')
  const kit = await AuthTestKit.create({ issuer, audience: audience[0], algorithm: acceptedAlgorithms[0] })
  kit.install(container)
  return kit
}

/** The settings that a kit's tokens are judged by, for the one issuer and audience that are the kit's. */
export function issuerOf({ issuer: name, audience }: AuthTestKit, settings: AuthClientSettings): IssuerSettings {
  const issuers = acceptedIssuers(settings)
  const issuer = issuers.find((each) => each.issuer === name) ?? issuers[0] ?? settings
  return { ...issuer, issuer: name, audience: [audience] }
}
