import type { AuthClientOptions } from '../auth-client-settings.js'
import { SEGMENT, TEXTS } from './option-rules.js'
import { type OptionRule, type Provider, settingsFromCode } from './provider.js'

/** Which Amazon Cognito user pool, and which of its app clients. */
export interface CognitoOptions {
  /** `eu-west-1` */
  readonly region: string
  /** `eu-west-1_AbCdEfGhI` */
  readonly userPoolId: string
  /** The app clients whose tokens are accepted: access tokens have no `aud`. */
  readonly clientId: string | readonly string[]
}

const REGION: OptionRule = {
  ...SEGMENT,
  expectation: (value) => (/^[a-z]+(-[a-z]+)+-\d+$/.test(value) ? undefined : 'must be a region, such as eu-west-1'),
}

/** @internal */
export const COGNITO: Provider = {
  rules: { region: REGION, userPoolId: SEGMENT, clientId: TEXTS },
  settings: ({ region, userPoolId, clientId }) => {
    const suffix = String(region).startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'
    const issuer = `https://cognito-idp.${String(region)}.${suffix}/${String(userPoolId)}`
    return {
      issuer,
      audience: clientId as readonly string[],
      audienceClaims: ['client_id'],
      jwksEndpoint: `${issuer}/.well-known/jwks.json`,
      groupClaims: ['cognito:groups'],
      roleClaims: ['cognito:groups'],
      requiredClaims: { token_use: ['access'] },
    }
  },
}

/**
 * Settings for access tokens of an Amazon Cognito user pool: the app client takes the place of the audience, groups
 * are roles as well, ID tokens are refused.
 *
 * @throws {AuthConfigurationError} naming every option that is missing or wrong.
 */
export function cognito(options: CognitoOptions): AuthClientOptions {
  return settingsFromCode('cognito', COGNITO, options)
}
