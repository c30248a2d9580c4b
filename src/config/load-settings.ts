import convict from 'convict'
import { AuthConfigurationError, type ConfigurationProblem } from '../errors/auth-configuration-error.js'
import type { AuthClientOptions, AuthClientSettings } from './auth-client-settings.js'
import { camelCase } from './camel-case.js'
import { readConfigFiles } from './config-files.js'
import { FORMATS } from './formats.js'
import { SCHEMA, SETTING_NAMES, type SettingName } from './schema.js'
import { settingProblem } from './setting-problem.js'

const ENV_PREFIX = 'AUTH_CLIENT_'

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
}

/**
 * Reads, checks and freezes the settings.
 *
 * @throws {AuthConfigurationError} naming every problem there is.
 */
export function loadSettings({ options = {}, env = {}, configFiles }: SettingsSources): AuthClientSettings {
  const problems: ConfigurationProblem[] = []
  const config = convict<Record<string, unknown>>(SCHEMA, { env: {}, args: [] })
  const origins = new Map<SettingName, string>()
  const set = (name: SettingName, value: unknown, origin: string): void => {
    config.set(name, value)
    origins.set(name, origin)
  }

  for (const { file, settings } of readConfigFiles(configFiles, problems)) {
    for (const [name, value] of Object.entries(settings)) {
      if (isSettingName(name)) set(name, value, ` in ${file}`)
      else problems.push(unknownSetting(`auth_client.${name} in ${file}`, SETTING_NAMES))
    }
  }
  for (const [variable, value] of Object.entries(env)) {
    if (!variable.startsWith(ENV_PREFIX) || value === undefined) continue
    const name = variable.slice(ENV_PREFIX.length).toLowerCase()
    if (isSettingName(name) && SCHEMA[name].env === variable) set(name, value, '')
    else
      problems.push(
        unknownSetting(
          variable,
          SETTING_NAMES.map((known) => SCHEMA[known].env),
        ),
      )
  }
  for (const [option, value] of Object.entries(options)) {
    if (value === undefined) continue
    const name = SETTING_NAMES.find((known) => camelCase(known) === option)
    if (name !== undefined) set(name, value, '')
    else problems.push(unknownSetting(`option ${option}`, SETTING_NAMES.map(camelCase)))
  }

  const settings = Object.fromEntries(SETTING_NAMES.map((name) => [camelCase(name), deepFrozen(config.get(name))]))
  problems.push(...SETTING_NAMES.flatMap((name) => invalidSetting(name, config.get(name), origins.get(name))))
  problems.push(...missingSettings(settings as unknown as AuthClientSettings))
  problems.push(...contradictingSettings(settings as unknown as AuthClientSettings))
  if (problems.length > 0) throw new AuthConfigurationError(problems)
  return Object.freeze(settings) as unknown as AuthClientSettings
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

function missingSettings({ enabled, issuer, audience }: AuthClientSettings): readonly ConfigurationProblem[] {
  const problems: ConfigurationProblem[] = []
  if (enabled === false) return problems
  if (issuer === '') {
    problems.push(
      settingProblem('issuer', 'is required: the exact iss of your tokens, such as https://idp.example.com'),
    )
  }
  if (Array.isArray(audience) && audience.length === 0) {
    problems.push(settingProblem('audience', 'is required: the aud that your tokens carry for this API'))
  }
  return problems
}

function contradictingSettings({ profile, tokenTypes }: AuthClientSettings): readonly ConfigurationProblem[] {
  if (profile !== 'rfc9068' || !Array.isArray(tokenTypes) || tokenTypes.some(isAccessTokenType)) return []
  return [settingProblem('token_types', 'must list at+jwt where auth_client.profile is rfc9068, which demands it')]
}

function isAccessTokenType(type: unknown): boolean {
  return typeof type === 'string' && /^(application\/)?at\+jwt$/i.test(type)
}

function deepFrozen(value: unknown): unknown {
  return Array.isArray(value) ? Object.freeze([...value]) : value
}
