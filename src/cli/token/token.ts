import { acceptedIssuers } from '../../authentication/issuer-selection.js'
import { TokenValidator } from '../../authentication/token-validator.js'
import { claimRoleResolver } from '../../authorization/issuer-role-resolver.js'
import { RoleResolver } from '../../authorization/role-resolver.js'
import type { AuthClientSettings, IssuerSettings } from '../../config/auth-client-settings.js'
import { isProduction } from '../../config/load-settings.js'
import { type AuthError, isAuthError } from '../../errors/auth-error.js'
import { TokenInvalidError } from '../../errors/token-invalid-error.js'
import { Principals } from '../../http/principals.js'
import { DEV_KEYS_FOLDER, DevKeys } from '../../keys/dev-keys.js'
import type { KeySource } from '../../keys/key-source.js'
import { withClaim } from '../../testing/claim-placement.js'
import { type IssuedIdentity, issuedClaims } from '../../testing/issued-claims.js'
import { signedToken } from '../../testing/make-token.js'
import type { Duration } from '../../testing/seconds.js'
import { wholePayload } from '../../testing/test-claims.js'
import { tokenType } from '../../testing/token-type.js'
import { type Application, application, type SettingsOptions } from '../application.js'
import { CommandError } from '../command-error.js'
import { type CommandIo, EXIT } from '../command-io.js'
import { notArrived } from './arrival.js'
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
 * @returns the exit code: {@link EXIT.findings} when the application would refuse the token, or would not find in it
 * what was asked for; it is printed all the same
 * @throws {CommandError} where `NODE_ENV` is `production`, and when no token can be made.
 */
export async function token(options: TokenOptions, io: CommandIo): Promise<number> {
  if (isProduction(io.env)) throw new CommandError('There are no development tokens where NODE_ENV is production')
  const app = await application(options, io)
  const { settings } = app
  const issuer = chosenIssuer(settings, options.issuer)
  const made = await devToken(options, issuer, io.cwd)
  io.out(made)
  if (!settings.devKeys) io.err('The application accepts it once auth_client.dev_keys is true (AUTH_CLIENT_DEV_KEYS).')
  const complaints = await complaintsAbout(made, app, { asked: options, issuer }, io)
  for (const complaint of complaints) io.err(complaint)
  return complaints.length === 0 ? EXIT.ok : EXIT.findings
}

async function devToken(options: TokenOptions, issuer: IssuerSettings, cwd: string): Promise<string> {
  const [algorithm] = issuer.acceptedAlgorithms
  if (algorithm === undefined) throw new CommandError('auth_client.accepted_algorithms is empty')
  const { keyPair, kid } = await devKeyPair(algorithm, cwd)
  const { claim = new Map<string, unknown>(), expiresIn } = options
  const issued = issuedClaims(options, issuer)
  const claims = [...claim].reduce((all, [path, value]) => withClaim(all, path, value), issued)
  return signedToken(keyPair, wholePayload(claims, { expiresIn }), { kid, header: { typ: tokenType(issuer) } })
}

function chosenIssuer(settings: AuthClientSettings, name: string | undefined): IssuerSettings {
  const issuers = acceptedIssuers(settings).filter(({ issuer }) => issuer !== '')
  const [chosen] = name === undefined ? issuers : issuers.filter(({ issuer }) => issuer === name)
  if (chosen !== undefined) return chosen
  const known = issuers.map(({ issuer }) => issuer).join(', ')
  throw new CommandError(known === '' ? 'auth_client.issuer is not set' : `--issuer has to be one of: ${known}`)
}

interface Order {
  readonly asked: IssuedIdentity
  readonly issuer: IssuerSettings
}

/** The application's own verdict, but for revocation, and without a look at the issuer's keys. */
async function complaintsAbout(
  made: string,
  app: Application,
  { asked, issuer }: Order,
  { cwd, clock }: CommandIo,
): Promise<readonly string[]> {
  const { settings } = app
  const keys = new DevKeys(NO_KEYS, `${cwd}/${DEV_KEYS_FOLDER}`)
  try {
    const verified = await new TokenValidator({ settings, keys, clock }).validate(made)
    const resolver = await roleResolver(asked, app)
    const principal = await new Principals({ resolve: () => resolver, probe: () => resolver }, settings).of(verified)
    return notArrived(asked, principal, issuer)
  } catch (error) {
    if (isAuthError(error)) return [`The application would refuse it: ${error.message}${ownReason(error)}`]
    throw error
  }
}

/** What the application's own resolver said when it failed. */
function ownReason({ cause, code }: AuthError): string {
  return code === 'decision_unavailable' && cause instanceof Error ? ` (${cause.message})` : ''
}

/** Where no role was asked for, an application's own resolver, with what it may connect to, is left alone. */
async function roleResolver({ role = [] }: IssuedIdentity, app: Application): Promise<RoleResolver> {
  const own = role.length === 0 ? undefined : await app.service(RoleResolver)
  return own ?? claimRoleResolver(acceptedIssuers(app.settings))
}

const NO_KEYS: KeySource = {
  keyFor: async () => {
    throw new TokenInvalidError('key_unknown')
  },
  forIssuer: () => NO_KEYS,
}
