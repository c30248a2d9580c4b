import convict from 'convict'
import { AuthConfigurationError, type ConfigurationProblem } from '../errors/auth-configuration-error.js'
import type { AuthClientOptions, AuthClientSettings } from './auth-client-settings.js'
import { camelCase } from './camel-case.js'
import {
  contradictingIssuers,
  contradictingSettings,
  developersSettings,
  type Finding,
  missingSettings,
} from './check-settings.js'
import { readConfigFiles } from './config-files.js'
import { FORMATS, type FormatName } from './formats.js'
import { issuerList } from './issuer-list.js'
import { frozenCopy } from './mapping.js'
import { ProviderChoice } from './provider-choice.js'
import { SCHEMA, SETTING_NAMES, type SettingName } from './schema.js'
import { settingProblem } from './setting-problem.js'

const ENV_PREFIX = 'AUTH_CLIENT_'

const KNOWN_VARIABLES = [...SETTING_NAMES.map((name) => SCHEMA[name].env), ...ProviderChoice.variables]

/** Convict would report a bad value by repeating it; ours are checked all at once, further down, without that. */
for (const [name, { coerce }] of Object.entries(FORMATS)) convict.addFormat({ name, coerce, validate: () => undefined })

/** Where settings come from besides the defaults. */
export interface SettingsSources {
  /** Strongest: settings given in code. */
  readonly options?: AuthClientOptions
  /** Next: environment variables. */
  readonly env?: NodeJS.ProcessEnv
  /** Next: YAML or JSON files, the last one strongest. Default: `application.yaml` where it exists. */
  readonly configFiles?: readonly string[] | undefined
  /** Whether this is no place for development. Default: where the environment's `NODE_ENV` is `production`. */
  readonly isProduction?: boolean
}

/** Whether an environment says that it is no place for development. */
export function isProduction({ NODE_ENV: mode = '' }: NodeJS.ProcessEnv): boolean {
  return mode.trim().toLowerCase() === 'production'
}

/**
 * Reads, checks and freezes the settings.
 *
 * @throws {AuthConfigurationError} naming every problem there is.
 */
export function loadSettings({
  options = {},
  env = {},
  configFiles,
  isProduction: isInProduction = isProduction(env),
}: SettingsSources): AuthClientSettings {
  const problems: ConfigurationProblem[] = []
  const config = convict<Record<string, unknown>>(SCHEMA, { env: {}, args: [] })
  const origins = new Map<SettingName, string>()
  const structures = new Map<SettingName, unknown>()
  const provider = new ProviderChoice()
  let issuerNames = (name: string): string => name
  const inForce = (name: SettingName): unknown => (structures.has(name) ? structures.get(name) : config.get(name))
  const set = (name: SettingName, value: unknown, origin: string): void => {
    const { format } = SCHEMA[name]
    // Convict copies what it holds, and loses a member that is called __proto__ on the way.
    if (isStructured(format)) structures.set(name, typeof value === 'string' ? FORMATS[format].coerce(value) : value)
    else config.set(name, value)
    origins.set(name, origin)
  }

  for (const { file, settings } of readConfigFiles(configFiles, problems)) {
    for (const [name, value] of Object.entries(settings)) {
      if (isSettingName(name)) set(name, value, ` in ${file}`)
      else if (!provider.takeEntry(name, value, file)) {
        problems.push(unknownSetting(`auth_client.${name} in ${file}`, SETTING_NAMES))
      }
    }
  }
  for (const [variable, value] of Object.entries(env)) {
    if (!variable.startsWith(ENV_PREFIX) || value === undefined) continue
    const name = variable.slice(ENV_PREFIX.length).toLowerCase()
    if (isSettingName(name) && SCHEMA[name].env === variable) set(name, value, '')
    else if (!provider.takeVariable(variable.slice(ENV_PREFIX.length), value)) {
      problems.push(unknownSetting(variable, KNOWN_VARIABLES))
    }
  }
  for (const [option, value] of Object.entries(options)) {
    if (value === undefined) continue
    const name = SETTING_NAMES.find((known) => camelCase(known) === option)
    if (name === 'issuers') issuerNames = camelCase
    if (name !== undefined) set(name, value, '')
    else problems.push(unknownSetting(`option ${option}`, SETTING_NAMES.map(camelCase)))
  }

  const audience = origins.has('audience') ? inForce('audience') : undefined
  const preset = provider.settings(audience, problems)
  const isPresetWrong = provider.isMade && preset === undefined
  for (const name of SETTING_NAMES) {
    const value = preset?.[camelCase(name) as keyof AuthClientOptions]
    if (value === undefined || origins.has(name)) continue
    if (name === 'issuers') issuerNames = camelCase
    set(name, value, '')
  }

  problems.push(...SETTING_NAMES.flatMap((name) => invalidSetting(name, inForce(name), origins.get(name))))
  const given = Object.fromEntries(SETTING_NAMES.map((name) => [camelCase(name), inForce(name)]))
  const settings = given as unknown as AuthClientSettings
  const several = { value: settings.issuers, origin: origins.get('issuers') ?? '', nameOf: issuerNames }
  const issuers = isListed(settings.issuers) ? issuerList(several, settings, problems) : []
  // What a provider would have settled isn't missing as well.
  const found = [...(isPresetWrong ? [] : findings(settings)), ...developersSettings(settings, isInProduction)]
  problems.push(...found.map(({ name, message }) => settingProblem(name, message)))
  if (problems.length > 0) throw new AuthConfigurationError(problems)
  return frozenCopy({ ...settings, issuers }) as AuthClientSettings
}

/** One issuer is checked here; each of several checks itself. */
function findings(settings: AuthClientSettings): readonly Finding[] {
  const { enabled, issuers } = settings
  if (isListed(issuers)) return contradictingIssuers(settings)
  return [...(enabled === false ? [] : missingSettings(settings)), ...contradictingSettings(settings)]
}

/** A list that is wrong in itself counts too: what is missing beside it may well be in there. */
function isListed(issuers: unknown): boolean {
  return !Array.isArray(issuers) || issuers.length > 0
}

function isStructured(format: FormatName): boolean {
  return format === 'auth-claim-values' || format === 'auth-hierarchy' || format === 'auth-issuers'
}

function isSettingName(name: string): name is SettingName {
  return Object.hasOwn(SCHEMA, name)
}

function unknownSetting(where: string, known: readonly string[]): ConfigurationProblem {
  return { where, message: `is not a setting; known are ${known.join(', ')}` }
}

function invalidSetting(name: SettingName, value: unknown, origin = ''): readonly ConfigurationProblem[] {
  const expected = FORMATS[SCHEMA[name].format].expectation(value)
  return expected === undefined ? [] : [settingProblem(name, expected, origin)]
}
