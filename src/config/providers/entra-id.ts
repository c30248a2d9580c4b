import type { AuthClientOptions } from '../auth-client-settings.js'
import { SEGMENT, TEXTS } from './option-rules.js'
import { type OptionRule, type Provider, settingsFromCode } from './provider.js'

/** Which Microsoft Entra tenant, and which of its applications. */
export interface EntraIdOptions {
  /** The directory (tenant) id, a UUID. */
  readonly tenantId: string
  /** The API's application (client) id, or its application id URI (`api://…`): either stands for both. */
  readonly audience: string | readonly string[]
}

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i

const TENANT: OptionRule = {
  ...SEGMENT,
  expectation: (value) =>
    UUID.test(value) ? undefined : 'must be the id of one directory, a UUID: common and the like issue for everybody',
}

/** @internal */
export const ENTRA_ID: Provider = {
  rules: { tenantId: TENANT, audience: TEXTS },
  settings: ({ tenantId, audience }) => {
    const tenant = String(tenantId).toLowerCase()
    const login = `https://login.microsoftonline.com/${tenant}`
    return {
      audience: bothForms(audience as readonly string[]),
      roleClaims: ['roles'],
      scopeClaims: ['scp'],
      issuers: [
        {
          issuer: `${login}/v2.0`,
          jwksEndpoint: `${login}/discovery/v2.0/keys`,
          requiredClaims: { azp: true },
        },
        {
          issuer: `https://sts.windows.net/${tenant}/`,
          jwksEndpoint: `${login}/discovery/keys`,
          requiredClaims: { appid: true },
        },
      ],
    }
  },
}

/**
 * Settings for access tokens of one Microsoft Entra tenant, of version 1 and 2 alike: which of them is issued is
 * settled in the API's manifest, and may change. ID tokens are refused: they don't say which client they were asked
 * for by (`azp`, or `appid` in version 1).
 *
 * @throws {AuthConfigurationError} naming every option that is missing or wrong.
 */
export function entraId(options: EntraIdOptions): AuthClientOptions {
  return settingsFromCode('entraId', ENTRA_ID, options)
}

/** Version 2 tokens have the application's id for `aud`, version 1 tokens what the client has asked for. */
function bothForms(audiences: readonly string[]): readonly string[] {
  const forms = audiences.flatMap((audience) => {
    if (UUID.test(audience)) return [audience, `api://${audience}`]
    const id = /^api:\/\/(.+)$/.exec(audience)?.[1]
    return id !== undefined && UUID.test(id) ? [audience, id] : [audience]
  })
  return [...new Set(forms)]
}
