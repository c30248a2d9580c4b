import type { AuthClientSettings, SignatureAlgorithm } from '../config/auth-client-settings.js'

/** The settings by which test tokens are accepted; `AuthModule` takes the rest from its other sources. Frozen. */
export interface TestSettings
  extends Pick<AuthClientSettings, 'issuer' | 'audience' | 'acceptedAlgorithms'>,
    Partial<Pick<AuthClientSettings, 'jwksEndpoint' | 'roleClaims'>> {}

/** Whose tokens are to be accepted. */
interface TestIdentity {
  readonly issuer: string
  readonly audience: string
  readonly algorithm: SignatureAlgorithm
  readonly roleClaim: string | undefined
}

/** Settings for one test identity. Where roles are read from is the application's business, unless told otherwise. */
export function testSettings({ issuer, audience, algorithm, roleClaim }: TestIdentity): TestSettings {
  return Object.freeze({
    issuer,
    audience: Object.freeze([audience]),
    acceptedAlgorithms: Object.freeze([algorithm]),
    ...(roleClaim === undefined ? {} : { roleClaims: Object.freeze([roleClaim]) }),
  })
}
