import { AuthConfigurationError, type ConfigurationProblem } from '../errors/auth-configuration-error.js'
import { applyPreset } from './apply-preset.js'
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
import { FORMATS } from './formats.js'
import { GivenSettings, type Source } from './given-settings.js'
import { issuerList } from './issuer-list.js'
import { frozenCopy } from './mapping.js'
import { ProviderChoice } from './provider-choice.js'
import { SCHEMA, SETTING_NAMES, type SettingName } from './schema.js'
import { settingProblem } from './setting-problem.js'
import { unknownName } from './unknown-name.js'

const ENV_PREFIX = 'AUTH_CLIENT_'

const KNOWN_ENTRIES = [...SETTING_NAMES, ...ProviderChoice.entries]
const KNOWN_VARIABLES = [...SETTING_NAMES.map((name) => SCHEMA[name].env), ...ProviderChoice.variables]
/** Whoever asks takes options of its own away before: see `AuthModuleOptions`. */
const KNOWN_OPTIONS = [...SETTING_NAMES.map(camelCase), 'configFiles', 'env', 'roleResolver']

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
  const given = new GivenSettings()
  const provider = new ProviderChoice()
  const files = readConfigFiles(configFiles, problems)
  for (const [strength, { file, settings }] of files.entries()) {
    const source: Source = { strength, origin: ` in ${file}`, nameOf: asInFiles }
    for (const [name, value] of Object.entries(settings)) {
      if (isSettingName(name)) given.set(name, value, source)
      else if (!provider.takeEntry(name, value, source)) {
        problems.push(unknownSetting(`auth_client.${name} in ${file}`, name, KNOWN_ENTRIES))
      }
    }
  }
  const environment: Source = { strength: files.length, origin: '', nameOf: asInFiles }
  for (const [variable, value] of Object.entries(env)) {
    if (!variable.startsWith(ENV_PREFIX) || value === undefined) continue
    const name = variable.slice(ENV_PREFIX.length).toLowerCase()
    if (isSettingName(name) && SCHEMA[name].env === variable) given.set(name, value, environment)
    else if (!provider.takeVariable(variable.slice(ENV_PREFIX.length), value, environment)) {
      problems.push(unknownSetting(variable, variable, KNOWN_VARIABLES))
    }
  }
  const code: Source = { strength: files.length + 1, origin: '', nameOf: camelCase }
  for (const [option, value] of Object.entries(options)) {
    if (value === undefined) continue
    const name = SETTING_NAMES.find((known) => camelCase(known) === option)
    if (name !== undefined) given.set(name, value, code)
    else problems.push(unknownSetting(`option ${option}`, option, KNOWN_OPTIONS))
  }

  const preset = provider.preset(given, problems)
  if (preset !== undefined) applyPreset(given, preset, problems)
  const isPresetWrong = provider.isMade && preset === undefined

  problems.push(...SETTING_NAMES.flatMap((name) => invalidSetting(name, given)))
  const inForce = Object.fromEntries(SETTING_NAMES.map((name) => [camelCase(name), given.get(name)]))
  const settings = inForce as unknown as AuthClientSettings
  const { origin, nameOf } = given.sourceOf('issuers') ?? code
  const several = { value: settings.issuers, origin, nameOf }
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

function isSettingName(name: string): name is SettingName {
  return Object.hasOwn(SCHEMA, name)
}

function unknownSetting(where: string, name: string, known: readonly string[]): ConfigurationProblem {
  return { where, message: unknownName('a setting', name, known) }
}

function invalidSetting(name: SettingName, given: GivenSettings): readonly ConfigurationProblem[] {
  const expected = FORMATS[SCHEMA[name].format].expectation(given.get(name))
  return expected === undefined ? [] : [settingProblem(name, expected, given.sourceOf(name)?.origin)]
}

/** Files and the environment call settings what the schema calls them. */
function asInFiles(name: string): string {
  return name
}
