import type { ConfigurationProblem } from '../errors/auth-configuration-error.js'
import type { AuthClientOptions } from './auth-client-settings.js'
import { camelCase } from './camel-case.js'
import { refusedTogether, requiredTogether } from './claim-rules.js'
import type { GivenSettings, Source } from './given-settings.js'
import { isMapping } from './mapping.js'
import { SETTING_NAMES, type SettingName } from './schema.js'
import { settingProblem } from './setting-problem.js'

/** What a chosen provider makes of its options. */
export interface Preset {
  readonly provider: string
  readonly settings: AuthClientOptions
  /** Where the provider was chosen: its settings are as strong as that. */
  readonly source: Source
  /** Whether `auth_client.audience` was one of its options. */
  readonly takesAudience: boolean
}

/** Who issues tokens and where the keys are go together: a provider says all of it, also by not saying it. */
const NO_ISSUER = { issuer: '', issuers: [], jwksEndpoint: '' } as const satisfies AuthClientOptions

/**
 * Sets what a provider settles, unless it is given where the provider was chosen, or in a stronger place. An issuer
 * given in a stronger place is without the provider's keys. Claims that are required or refused add up, path by path.
 *
 * @param problems another issuer given where the provider was chosen, to whom its keys would fall, is added here
 */
export function applyPreset(
  given: GivenSettings,
  { provider, settings, source, takesAudience }: Preset,
  problems: ConfigurationProblem[],
): void {
  const preset: AuthClientOptions = { ...NO_ISSUER, ...settings, ...(namesIssuerAbove(source, given) ? NO_ISSUER : {}) }
  const made: Source = { ...source, origin: '', nameOf: camelCase }
  for (const name of SETTING_NAMES) {
    const value = preset[camelCase(name) as keyof AuthClientOptions]
    const { strength = -1 } = given.sourceOf(name) ?? {}
    const isInput = name === 'audience' && takesAudience
    if (value === undefined) continue
    if (strength < source.strength || isInput) given.set(name, value, made)
    else add(name, value, given)
  }
  const issuer = given.get('issuer')
  const isMixed = issuer !== '' && issuer !== preset.issuer && preset.jwksEndpoint !== ''
  if (!isMixed || given.sourceOf('jwks_endpoint') !== made) return
  const message = `is not the issuer of provider ${provider}, whose keys would count as its own; keep one of them, or set auth_client.jwks_endpoint as well`
  problems.push(settingProblem('issuer', message, given.sourceOf('issuer')?.origin))
}

/** What somebody asks of claims comes on top of what the provider's tokens have to be. */
function add(name: SettingName, ofProvider: unknown, given: GivenSettings): void {
  const value = given.get(name)
  const source = given.sourceOf(name)
  if (!isMapping(value) || source === undefined) return
  if (name === 'required_claims') given.set(name, requiredTogether(ofProvider, value), source)
  if (name === 'refused_claims') given.set(name, refusedTogether(ofProvider, value), source)
}

/** Whether a stronger place says who issues tokens. */
function namesIssuerAbove({ strength }: Source, given: GivenSettings): boolean {
  return (['issuer', 'issuers'] as const).some((name) => {
    const source = given.sourceOf(name)
    const value = given.get(name)
    const isEmpty = value === '' || (Array.isArray(value) && value.length === 0)
    return source !== undefined && source.strength > strength && !isEmpty
  })
}
