import type { AuthClientSettings } from './auth-client-settings.js'
import type { SettingName } from './schema.js'

/** Something that settings lack, or say against one another. */
export interface Finding {
  readonly name: SettingName
  readonly message: string
}

/** What tokens can't be judged without. Values that are wrong in themselves are not looked at. */
export function missingSettings({
  issuer,
  audience,
}: Pick<AuthClientSettings, 'issuer' | 'audience'>): readonly Finding[] {
  const findings: Finding[] = []
  if (issuer === '') {
    findings.push({
      name: 'issuer',
      message: 'is required: the exact iss of your tokens, such as https://idp.example.com',
    })
  }
  if (Array.isArray(audience) && audience.length === 0) {
    findings.push({ name: 'audience', message: 'is required: the aud that your tokens carry for this API' })
  }
  return findings
}

/** Settings of one issuer by which no token could ever be good. */
export function contradictingSettings({
  profile,
  tokenTypes,
}: Pick<AuthClientSettings, 'profile' | 'tokenTypes'>): readonly Finding[] {
  if (profile !== 'rfc9068' || !Array.isArray(tokenTypes) || tokenTypes.some(isAccessTokenType)) return []
  return [{ name: 'token_types', message: 'must list at+jwt where auth_client.profile is rfc9068, which demands it' }]
}

/** Settings that would let anybody in who has a developer's files. */
export function developersSettings({ devKeys }: AuthClientSettings, isProduction: boolean): readonly Finding[] {
  if (devKeys !== true || !isProduction) return []
  return [{ name: 'dev_keys', message: 'must not be true where NODE_ENV is production' }]
}

/** Settings that would be one issuer's where several are listed. */
export function contradictingIssuers({ issuer, jwksEndpoint }: AuthClientSettings): readonly Finding[] {
  const findings: Finding[] = []
  if (issuer !== '') findings.push({ name: 'issuer', message: 'contradicts auth_client.issuers; keep one of them' })
  if (jwksEndpoint !== '') {
    const message = 'would let all of auth_client.issuers sign for one another; say in each entry where its keys are'
    findings.push({ name: 'jwks_endpoint', message })
  }
  return findings
}

function isAccessTokenType(type: unknown): boolean {
  return typeof type === 'string' && /^(application\/)?at\+jwt$/i.test(type)
}
