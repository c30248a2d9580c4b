import { acceptedIssuers } from '../../authentication/issuer-selection.js'
import { TokenValidator } from '../../authentication/token-validator.js'
import type { AuthClientSettings, IssuerSettings } from '../../config/auth-client-settings.js'
import { isProduction } from '../../config/load-settings.js'
import { isAuthError } from '../../errors/auth-error.js'
import { TokenInvalidError } from '../../errors/token-invalid-error.js'
import { DEV_KEYS_FOLDER, DevKeys } from '../../keys/dev-keys.js'
import type { KeySource } from '../../keys/key-source.js'
import { makeToken } from '../../testing/make-token.js'
import type { Duration } from '../../testing/seconds.js'
import { application, type SettingsOptions } from '../application.js'
import { CommandError } from '../command-error.js'
import { type CommandIo, EXIT } from '../command-io.js'
import { devClaims } from './dev-claims.js'
import { devKeyPair } from './dev-key-pair.js'

/** What was asked for. */
export interface TokenOptions extends SettingsOptions {
  readonly sub: string
  readonly role?: readonly string[]
  readonly group?: readonly string[]
  readonly scope?: readonly string[]
  readonly permission?: readonly string[]
  readonly claim?: ReadonlyMap<string, unknown>
  readonly expiresIn: Duration
  readonly issuer?: string
}

/**
 * Prints a development token: signed by a local key, right in all else, for whoever it is asked for.
 *
 * @returns the exit code: {@link EXIT.findings} when the application would refuse the token, which is printed all the same
 * @throws {CommandError} where `NODE_ENV` is `production`, and when no token can be made.
 */
export async function token(options: TokenOptions, io: CommandIo): Promise<number> {
  if (isProduction(io.env)) throw new CommandError('There are no development tokens where NODE_ENV is production')
  const { settings } = await application(options, io)
  const issuer = chosenIssuer(settings, options.issuer)
  const made = await devToken(options, issuer, io.cwd)
  io.out(made)
  if (!settings.devKeys) io.err('The application accepts it once auth_client.dev_keys is true (AUTH_CLIENT_DEV_KEYS).')
  const refusal = await refusalOf(made, settings, io)
  if (refusal === undefined) return EXIT.ok
  io.err(`The application would refuse it: ${refusal}`)
  return EXIT.findings
}

async function devToken(options: TokenOptions, issuer: IssuerSettings, cwd: string): Promise<string> {
  const [algorithm] = issuer.acceptedAlgorithms
  if (algorithm === undefined) throw new CommandError('auth_client.accepted_algorithms is empty')
  const { keyPair, kid } = await devKeyPair(algorithm, cwd)
  const { sub, role = [], group = [], scope = [], permission = [], claim = new Map(), expiresIn } = options
  const identity = { sub, roles: role, groups: group, scopes: scope, permissions: permission, claims: claim }
  return makeToken(keyPair, devClaims(identity, issuer), { kid, expiresIn, header: { typ: tokenType(issuer) } })
}

function chosenIssuer(settings: AuthClientSettings, name: string | undefined): IssuerSettings {
  const issuers = acceptedIssuers(settings).filter(({ issuer }) => issuer !== '')
  const [chosen] = name === undefined ? issuers : issuers.filter(({ issuer }) => issuer === name)
  if (chosen !== undefined) return chosen
  const known = issuers.map(({ issuer }) => issuer).join(', ')
  throw new CommandError(known === '' ? 'auth_client.issuer is not set' : `--issuer has to be one of: ${known}`)
}

function tokenType({ tokenTypes }: IssuerSettings): string | undefined {
  return tokenTypes.find((type) => /^(application\/)?at\+jwt$/i.test(type)) ?? tokenTypes[0]
}

/** The application's own verdict, but for revocation, and without a look at the issuer's keys. */
async function refusalOf(
  made: string,
  settings: AuthClientSettings,
  { cwd, clock }: CommandIo,
): Promise<string | undefined> {
  const keys = new DevKeys(NO_KEYS, `${cwd}/${DEV_KEYS_FOLDER}`)
  try {
    await new TokenValidator({ settings, keys, clock }).validate(made)
    return undefined
  } catch (error) {
    if (isAuthError(error)) return error.message
    throw error
  }
}

const NO_KEYS: KeySource = {
  keyFor: async () => {
    throw new TokenInvalidError('key_unknown')
  },
  forIssuer: () => NO_KEYS,
}
