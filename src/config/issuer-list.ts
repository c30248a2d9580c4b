import type { ConfigurationProblem } from '../errors/auth-configuration-error.js'
import type { AuthClientSettings, IssuerSettings } from './auth-client-settings.js'
import { camelCase } from './camel-case.js'
import { contradictingSettings, missingSettings } from './check-settings.js'
import { refusedTogether, requiredTogether } from './claim-rules.js'
import { FORMATS } from './formats.js'
import { isMapping } from './mapping.js'
import { ISSUER_SETTING_NAMES, SCHEMA, type SettingName } from './schema.js'
import { unknownName } from './unknown-name.js'

/** `auth_client.issuers` as one source gives it. */
export interface GivenIssuers {
  readonly value: unknown
  /** The file it comes from, as in ` in application.yaml`; '' for options and the environment. */
  readonly origin: string
  /** What the source calls a setting. */
  readonly nameOf: (name: string) => string
}

/**
 * The settings of several issuers, what an entry leaves out taken from the settings around the list; of required and
 * refused claims, whatever claims it leaves out.
 *
 * Nothing is taken from there that tells issuers apart: neither the name nor the place of the keys.
 *
 * @param problems what is wrong with any of them is added here
 */
export function issuerList(
  { value, origin, nameOf }: GivenIssuers,
  around: AuthClientSettings,
  problems: ConfigurationProblem[],
): readonly IssuerSettings[] {
  if (!Array.isArray(value) || !value.every(isMapping)) return []
  const issuers = value.map((entry, position) => {
    const problem = (name: string, message: string) =>
      problems.push({ where: `auth_client.issuers[${position}].${name}${origin}`, env: SCHEMA.issuers.env, message })
    const own = read(entry, nameOf, problem)
    const settings = { ...shared(around), ...own, ...claimRules(around, own) }
    const missing = around.enabled === false ? [] : missingSettings(settings)
    for (const { name, message } of [...missing, ...contradictingSettings(settings)]) problem(name, message)
    return settings
  })
  for (const [position, { issuer }] of issuers.entries()) {
    const first = issuers.findIndex((other) => other.issuer === issuer)
    if (issuer === '' || first === position) continue
    const message = `is the issuer of auth_client.issuers[${first}] as well; list every issuer once`
    problems.push({ where: `auth_client.issuers[${position}].issuer${origin}`, env: SCHEMA.issuers.env, message })
  }
  return issuers
}

function shared(around: AuthClientSettings): IssuerSettings {
  const names = ISSUER_SETTING_NAMES.map((name) => camelCase(name) as keyof IssuerSettings)
  const settings = Object.fromEntries(names.map((name) => [name, around[name]])) as unknown as IssuerSettings
  return { ...settings, issuer: '', jwksEndpoint: '' }
}

/** An entry adds to what is asked of claims around it: a rule for everybody is not lost because one has its own. */
function claimRules(
  around: AuthClientSettings,
  own: Partial<IssuerSettings>,
): Pick<IssuerSettings, 'requiredClaims' | 'refusedClaims'> {
  return {
    requiredClaims: requiredTogether(around.requiredClaims, own.requiredClaims),
    refusedClaims: refusedTogether(around.refusedClaims, own.refusedClaims),
  } as Pick<IssuerSettings, 'requiredClaims' | 'refusedClaims'>
}

function read(
  entry: Readonly<Record<string, unknown>>,
  nameOf: (name: string) => string,
  problem: (name: string, message: string) => void,
): Partial<IssuerSettings> {
  const known: ReadonlyMap<string, SettingName> = new Map(ISSUER_SETTING_NAMES.map((name) => [nameOf(name), name]))
  const given = Object.entries(entry).flatMap(([key, written]) => {
    if (written === undefined) return []
    const name = known.get(key)
    if (name === undefined) {
      problem(key, unknownName('a setting of one issuer', key, [...known.keys()]))
      return []
    }
    const { coerce, expectation } = FORMATS[SCHEMA[name].format]
    const value: unknown = typeof written === 'string' ? coerce(written) : written
    const expected = expectation(value)
    if (expected !== undefined) problem(name, expected)
    return [[camelCase(name), value] as const]
  })
  return Object.fromEntries(given)
}
