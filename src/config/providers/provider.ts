import type { ConfigurationProblem } from '../../errors/auth-configuration-error.js'
import { AuthConfigurationError } from '../../errors/auth-configuration-error.js'
import type { AuthClientOptions } from '../auth-client-settings.js'
import { FORMATS } from '../formats.js'
import { isMapping } from '../mapping.js'
import { unknownName } from '../unknown-name.js'

/** What one option of a provider may be. */
export interface OptionRule {
  readonly isRequired: boolean
  /** Whether it is a list: several values, or one string with commas. */
  readonly isList?: boolean
  /** What is expected of each value, when this one isn't it. Never repeats the value. */
  readonly expectation: (value: string) => string | undefined
}

/** Options whose values are sound: lists where the rule says so, text everywhere else. */
export type SoundOptions = Readonly<Record<string, string | readonly string[] | undefined>>

/** Which settings an identity provider's tokens need. */
export interface Provider {
  /** By their names in code. */
  readonly rules: Readonly<Record<string, OptionRule>>
  readonly settings: (options: SoundOptions) => AuthClientOptions
}

/** Where an option stands, for messages. */
export type Whereabouts = (option: string) => Pick<ConfigurationProblem, 'where' | 'env'>

/**
 * The settings that come of a provider's options.
 *
 * @param problems what is wrong with the options is added here; `undefined` is returned then
 */
export function providerSettings(
  { rules, settings }: Provider,
  given: unknown,
  whereabouts: Whereabouts,
  problems: ConfigurationProblem[],
): AuthClientOptions | undefined {
  const options = isMapping(given) ? given : {}
  const known = Object.keys(rules)
  const found = [
    ...Object.keys(options)
      .filter((name) => options[name] !== undefined && !Object.hasOwn(rules, name))
      .map((name) => ({ ...whereabouts(name), message: unknownName('an option', name, known) })),
    ...known.flatMap((name) => {
      const message = wrong(rules[name] as OptionRule, options[name])
      return message === undefined ? [] : [{ ...whereabouts(name), message }]
    }),
  ]
  problems.push(...found)
  if (found.length > 0) return undefined
  return settings(Object.fromEntries(known.map((name) => [name, sound(rules[name] as OptionRule, options[name])])))
}

/**
 * The settings that come of options given in code.
 *
 * @throws {AuthConfigurationError} naming everything that is wrong with them.
 */
export function settingsFromCode(name: string, provider: Provider, options: unknown): AuthClientOptions {
  const problems: ConfigurationProblem[] = []
  const settings = providerSettings(provider, options, (option) => ({ where: `${name} option ${option}` }), problems)
  if (settings === undefined) throw new AuthConfigurationError(problems)
  return settings
}

function wrong({ isRequired, isList = false, expectation }: OptionRule, value: unknown): string | undefined {
  if (value === undefined || value === '') return isRequired ? 'is required' : undefined
  const values = isList ? listed(value) : [value]
  if (!Array.isArray(values) || values.length === 0 || !values.every(isText)) {
    return isList ? 'must list at least one name, none of them empty' : 'must be text, without spaces around it'
  }
  return values.map(expectation).find((message) => message !== undefined)
}

function sound({ isList = false }: OptionRule, value: unknown): string | readonly string[] | undefined {
  if (value === undefined || value === '') return undefined
  return isList ? (listed(value) as readonly string[]) : (value as string)
}

function listed(value: unknown): unknown {
  return typeof value === 'string' ? FORMATS['auth-names'].coerce(value) : value
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value === value.trim()
}
