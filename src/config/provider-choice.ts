import type { ConfigurationProblem } from '../errors/auth-configuration-error.js'
import type { AuthClientOptions } from './auth-client-settings.js'
import { camelCase } from './camel-case.js'
import { isMapping } from './mapping.js'
import { AUTH0 } from './providers/auth0.js'
import { COGNITO } from './providers/cognito.js'
import { ENTRA_ID } from './providers/entra-id.js'
import { KEYCLOAK } from './providers/keycloak.js'
import { OKTA } from './providers/okta.js'
import { PICO_AUTH } from './providers/pico-auth.js'
import { type Provider, providerSettings } from './providers/provider.js'

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

/** A provider that files and the environment have chosen, and its options: the environment's are stronger. */
export class ProviderChoice {
  #chosen: { readonly name: unknown; readonly where: string } | undefined
  /** By provider, then by their names in code. */
  readonly #options = new Map<ProviderName, Map<string, unknown>>()
  readonly #problems: ConfigurationProblem[] = []

  /** Takes what one entry of a file says about providers. `false`: it is about something else. */
  takeEntry(name: string, value: unknown, file: string): boolean {
    if (name === 'provider') this.#chosen = { name: value, where: `auth_client.provider in ${file}` }
    else if (!isProvider(name)) return false
    else if (isMapping(value)) this.#take(name, value)
    else this.#problems.push({ where: `auth_client.${name} in ${file}`, message: 'must be a mapping of options' })
    return true
  }

  /** Takes what one environment variable, without the prefix, says about providers. `false`: it is about something else. */
  takeVariable(variable: string, value: string): boolean {
    if (variable === 'PROVIDER') {
      this.#chosen = value === '' ? this.#chosen : { name: value, where: 'AUTH_CLIENT_PROVIDER' }
      return true
    }
    const name = NAMES.find((each) => variable.startsWith(`${each.toUpperCase()}_`))
    const option = name && Object.keys(PROVIDERS[name].rules).find((it) => variable === variableOf(name, it))
    if (name === undefined || option === undefined) return false
    this.#take(name, { [snakeCase(option)]: value })
    return true
  }

  /** Whether there is a provider, even one that nobody knows. */
  get isMade(): boolean {
    return this.#chosen !== undefined
  }

  /** Every variable there is, for messages. */
  static get variables(): readonly string[] {
    return ['AUTH_CLIENT_PROVIDER', ...NAMES.map((name) => `AUTH_CLIENT_${name.toUpperCase()}_…`)]
  }

  /**
   * The settings that come of it; `undefined` without a provider, or one whose options are wrong.
   *
   * @param audience what `auth_client.audience` says, where the provider's own options don't
   * @param problems what is wrong is added here
   */
  settings(audience: unknown, problems: ConfigurationProblem[]): AuthClientOptions | undefined {
    problems.push(...this.#problems)
    const chosen = this.#chosen?.name
    for (const name of this.#options.keys()) {
      if (name === chosen) continue
      const message = `is for a provider that isn't chosen; set auth_client.provider to ${name}, or take it away`
      problems.push({ where: `auth_client.${name}`, env: 'AUTH_CLIENT_PROVIDER', message })
    }
    if (this.#chosen === undefined) return undefined
    if (!isProvider(chosen)) {
      problems.push({ where: this.#chosen.where, message: `is no provider; known are ${NAMES.join(', ')}` })
      return undefined
    }
    const provider: Provider = PROVIDERS[chosen]
    const options = Object.fromEntries(this.#options.get(chosen) ?? [])
    const shared = Object.hasOwn(provider.rules, 'audience') && audience !== undefined ? { audience } : {}
    const whereabouts = (option: string) => ({
      where: `auth_client.${chosen}.${snakeCase(option)}`,
      env: `AUTH_CLIENT_${variableOf(chosen, option)}`,
    })
    return providerSettings(provider, { ...shared, ...options }, whereabouts, problems)
  }

  #take(provider: ProviderName, given: Readonly<Record<string, unknown>>): void {
    const options = this.#options.get(provider) ?? new Map<string, unknown>()
    for (const [name, value] of Object.entries(given)) {
      if (value !== '' && value !== null) options.set(camelCase(name), value)
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
