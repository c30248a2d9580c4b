import { join } from 'node:path'
import { acceptedIssuers } from '../../authentication/issuer-selection.js'
import { TokenValidator } from '../../authentication/token-validator.js'
import { claimRoleResolver } from '../../authorization/issuer-role-resolver.js'
import type { Principal } from '../../authorization/principal.js'
import { principalOf } from '../../authorization/principal-of.js'
import { RoleHierarchy } from '../../authorization/role-hierarchy.js'
import { RoleResolver } from '../../authorization/role-resolver.js'
import type { AuthClientSettings } from '../../config/auth-client-settings.js'
import { type AuthError, isAuthError } from '../../errors/auth-error.js'
import { DEV_KEYS_FOLDER, DevKeys } from '../../keys/dev-keys.js'
import { publishedKeys } from '../../keys/issuer-keys.js'
import { KeySource } from '../../keys/key-source.js'
import { type Application, application, type SettingsOptions } from '../application.js'
import { CommandError } from '../command-error.js'
import { type CommandIo, EXIT } from '../command-io.js'
import { examine } from './examine.js'
import { offlineKeys } from './offline-keys.js'
import { asJson, asText, type Explanation } from './report.js'
import { chosenRoute, routeVerdict } from './route-verdict.js'

/** What was asked for besides the token. */
export interface ExplainOptions extends SettingsOptions {
  readonly route?: string
  readonly jwks?: string
  readonly json?: boolean
}

/**
 * Says why a token is accepted or refused, check by check, and what a route makes of its holder.
 *
 * The token goes nowhere. Keys are fetched from its issuer if that is a configured one, unless they are in a file.
 *
 * @param token `-` reads it from standard input, out of sight of shell histories
 * @returns the exit code: {@link EXIT.findings} for a refusal, {@link EXIT.misused} when keys can't be had,
 * {@link EXIT.undecided} where the route asks for more than can be told from the token
 * @throws {CommandError} for a route or a file that isn't there.
 */
export async function explain(token: string, options: ExplainOptions, io: CommandIo): Promise<number> {
  const app = await application(options, io)
  const description = options.route === undefined ? undefined : chosenRoute(app.routes(), options.route)
  const raw = (token === '-' ? await io.input() : token).trim().replace(/^Bearer +/i, '')
  const keys = await keySource(app, options, io.cwd)
  const { clock } = io
  const checks = await examine(raw, { settings: app.settings, keys, now: clock() / 1000 })
  const judged = await judge(raw, app, keys, io)
  const route = description && { ...routeVerdict(description, judged.principal), description }
  const explanation = { checks, ...judged, route }
  io.out(options.json === true ? asJson(explanation) : asText(explanation, io.isTerminal))
  return exitCode(explanation)
}

interface Judged {
  readonly refusal: AuthError | undefined
  readonly principal: Principal | undefined
}

/** The application's own verdict, but for revocation. */
async function judge(token: string, app: Application, keys: KeySource, { clock }: CommandIo): Promise<Judged> {
  const { settings } = app
  try {
    const verified = await new TokenValidator({ settings, keys, clock }).validate(token)
    const resolver = (await app.service(RoleResolver)) ?? claimRoleResolver(acceptedIssuers(settings))
    const { roleHierarchy, scopeWildcards, decisionTimeoutMs } = settings
    const rules = { hierarchy: new RoleHierarchy(roleHierarchy), scopeWildcards, decisionTimeoutMs }
    return { refusal: undefined, principal: await principalOf(verified, resolver, rules) }
  } catch (error) {
    if (isAuthError(error)) return { refusal: error, principal: undefined }
    throw error
  }
}

async function keySource(app: Application, { jwks }: ExplainOptions, cwd: string): Promise<KeySource> {
  const { settings } = app
  assertEnforced(settings)
  const keys =
    jwks === undefined
      ? ((await app.service(KeySource)) ?? publishedKeys(acceptedIssuers(settings)))
      : offlineKeys(jwks, cwd)
  return settings.devKeys ? new DevKeys(keys, join(cwd, DEV_KEYS_FOLDER)) : keys
}

function assertEnforced({ enabled }: AuthClientSettings): void {
  if (!enabled) throw new CommandError('auth_client.enabled is false: no token is looked at')
}

const VERDICTS = { 'let in': EXIT.ok, refused: EXIT.findings, undecided: EXIT.undecided } as const

function exitCode({ refusal, route }: Explanation): number {
  if (refusal?.status === 503) return EXIT.misused
  if (route !== undefined) return VERDICTS[route.verdict]
  return refusal === undefined ? EXIT.ok : EXIT.findings
}
