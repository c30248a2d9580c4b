import type { ConfigurationProblem } from '../errors/auth-configuration-error.js'
import type { Preset } from './apply-preset.js'
import { camelCase } from './camel-case.js'
import type { GivenSettings, Source } from './given-settings.js'
import { isMapping } from './mapping.js'
import { AUTH0 } from './providers/auth0.js'
import { COGNITO } from './providers/cognito.js'
import { ENTRA_ID } from './providers/entra-id.js'
import { KEYCLOAK } from './providers/keycloak.js'
import { OKTA } from './providers/okta.js'
import { PICO_AUTH } from './providers/pico-auth.js'
import { type Provider, providerSettings } from './providers/provider.js'
import { unknownName } from './unknown-name.js'

/** Providers by their names in files. */
const PROVIDERS = {
  keycloak: KEYCLOAK,
  auth0: AUTH0,
  entra_id: ENTRA_ID,
  okta: OKTA,
  cognito: COGNITO,
  pico_auth: PICO_AUTH,
} as const satisfies Readonly<Record<string, Provider>>

type ProviderName = keyof typeof PROVIDERS

const NAMES = Object.keys(PROVIDERS) as readonly ProviderName[]

interface GivenOption {
  readonly value: unknown
  readonly source: Source
}

/** A provider that files and the environment have chosen, and its options: the environment's are stronger. */
export class ProviderChoice {
  #chosen: { readonly name: unknown; readonly where: string; readonly source: Source } | undefined
  /** By provider, then by their names in code. */
  readonly #options = new Map<ProviderName, Map<string, GivenOption>>()
  readonly #problems: ConfigurationProblem[] = []

  /** Takes what one entry of a file says about providers. `false`: it is about something else. */
  takeEntry(name: string, value: unknown, source: Source): boolean {
    const where = `auth_client.${name}${source.origin}`
    if (name === 'provider') this.#chosen = { name: value, where, source }
    else if (!isProvider(name)) return false
    else if (isMapping(value)) this.#take(name, value, source)
    else this.#problems.push({ where, message: 'must be a mapping of options' })
    return true
  }

  /** Takes what one environment variable, without the prefix, says about providers. `false`: it is about something else. */
  takeVariable(variable: string, value: string, source: Source): boolean {
    if (variable === 'PROVIDER') {
      this.#chosen = value === '' ? this.#chosen : { name: value, where: 'AUTH_CLIENT_PROVIDER', source }
      return true
    }
    const name = NAMES.find((each) => variable.startsWith(`${each.toUpperCase()}_`))
    const option = name && Object.keys(PROVIDERS[name].rules).find((it) => variable === variableOf(name, it))
    if (name === undefined || option === undefined) return false
    this.#take(name, { [snakeCase(option)]: value }, source)
    return true
  }

  /** Whether there is a provider, even one that nobody knows. */
  get isMade(): boolean {
    return this.#chosen !== undefined
  }

  /** What an entry of a file may be called to be about providers, for messages. */
  static get entries(): readonly string[] {
    return ['provider', ...NAMES]
  }

  /** Every variable there is, for messages. */
  static get variables(): readonly string[] {
    const options = NAMES.flatMap((name) =>
      Object.keys(PROVIDERS[name].rules).map((option) => variableOf(name, option)),
    )
    return ['PROVIDER', ...options].map((variable) => `AUTH_CLIENT_${variable}`)
  }

  /**
   * What comes of it; `undefined` without a provider, or one whose options are wrong.
   *
   * @param given where `auth_client.audience` is: it counts for the option of that name, unless that is from a stronger
   * place
   * @param problems what is wrong is added here
   */
  preset(given: GivenSettings, problems: ConfigurationProblem[]): Preset | undefined {
    problems.push(...this.#problems)
    const chosen = this.#chosen?.name
    for (const name of this.#options.keys()) {
      if (name === chosen) continue
      const message = `is for a provider that isn't chosen; set auth_client.provider to ${name}, or take it away`
      problems.push({ where: `auth_client.${name}`, env: 'AUTH_CLIENT_PROVIDER', message })
    }
    if (this.#chosen === undefined) return undefined
    if (!isProvider(chosen)) {
      const message = unknownName('a provider', typeof chosen === 'string' ? chosen : '', NAMES)
      problems.push({ where: this.#chosen.where, message })
      return undefined
    }
    const provider: Provider = PROVIDERS[chosen]
    const { source } = this.#chosen
    const options = new Map(this.#options.get(chosen))
    const usual = Object.hasOwn(provider.rules, 'audience') ? given.sourceOf('audience') : undefined
    const { strength = -1 } = options.get('audience')?.source ?? {}
    if (usual !== undefined && usual.strength >= strength) {
      options.set('audience', { value: given.get('audience'), source: usual })
    }
    const values = Object.fromEntries([...options].map(([name, { value }]) => [name, value]))
    const whereabouts = (option: string) => ({
      where: `auth_client.${chosen}.${snakeCase(option)}`,
      env: `AUTH_CLIENT_${variableOf(chosen, option)}`,
    })
    const settings = providerSettings(provider, values, whereabouts, problems)
    return settings && { provider: chosen, settings, source, takesAudience: usual !== undefined }
  }

  #take(provider: ProviderName, given: Readonly<Record<string, unknown>>, source: Source): void {
    const options = this.#options.get(provider) ?? new Map<string, GivenOption>()
    for (const [name, value] of Object.entries(given)) {
      if (value !== '' && value !== null) options.set(camelCase(name), { value, source })
    }
    this.#options.set(provider, options)
  }
}

function isProvider(name: unknown): name is ProviderName {
  return typeof name === 'string' && Object.hasOwn(PROVIDERS, name)
}

function variableOf(provider: ProviderName, option: string): string {
  return `${provider}_${snakeCase(option)}`.toUpperCase()
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}
