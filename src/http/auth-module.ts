import { type Bind, ContainerModule } from 'inversify'
import { Clock } from '../authentication/clock.js'
import { acceptedIssuers } from '../authentication/issuer-selection.js'
import { NOTHING_REVOKED, RevocationCheck } from '../authentication/revocation-check.js'
import { RevocationList } from '../authentication/revocation-list.js'
import { TokenValidator } from '../authentication/token-validator.js'
import { claimRoleResolver } from '../authorization/issuer-role-resolver.js'
import { RoleResolver } from '../authorization/role-resolver.js'
import { type AuthClientOptions, AuthClientSettings } from '../config/auth-client-settings.js'
import { isProduction, loadSettings } from '../config/load-settings.js'
import { assertOptions } from '../config/options-object.js'
import { AuthConfigurationError } from '../errors/auth-configuration-error.js'
import { DEV_KEYS_FOLDER, DevKeys } from '../keys/dev-keys.js'
import { type IssuerKeys, publishedKeys } from '../keys/issuer-keys.js'
import type { JwksClient } from '../keys/jwks-client.js'
import { KeySource } from '../keys/key-source.js'
import { AuthMiddleware, authMiddleware } from './auth-middleware.js'
import { Authenticator } from './authenticator.js'
import { lateBoundKeySource, lateBoundRevocationCheck } from './late-bound.js'
import { Principals } from './principals.js'
import { serviceResolver } from './service-resolver.js'

/** Settings given in code, and where else to look for settings. */
export interface AuthModuleOptions extends AuthClientOptions {
  /** YAML or JSON files with an `auth_client` section, the last one strongest. Default: `application.yaml` where it exists. */
  readonly configFiles?: readonly string[] | undefined
  /** Environment variables. Default: `process.env`. */
  readonly env?: NodeJS.ProcessEnv | undefined
  /** Decides which roles callers hold, instead of binding a `RoleResolver`. */
  readonly roleResolver?: RoleResolver | undefined
}

/**
 * Binds everything that verifies callers: settings, keys, `TokenValidator`, `Principals`, `RoleResolver`,
 * `AuthMiddleware`.
 *
 * What the application has bound before loading is kept; `container.rebind` replaces it afterwards.
 */
export class AuthModule extends ContainerModule {
  /** @throws {AuthConfigurationError} naming every problem in the settings, before anything is bound. */
  constructor(options: AuthModuleOptions = {}) {
    assertOptions('AuthModule', options, "{ issuer: 'https://idp.example.com', audience: 'tasks' }")
    const { configFiles, env = process.env, roleResolver, ...settingOptions } = options
    // Whatever settings are read from, the process is where it is.
    const inProduction = isProduction(env) || isProduction(process.env)
    const settings = loadSettings({ options: settingOptions, env, configFiles, isProduction: inProduction })
    super(({ bind, isBound }) => {
      assertNotBound(isBound(AuthClientSettings), 'AuthModule', 'is loaded already; one container has one AuthModule')
      assertNotBound(
        roleResolver !== undefined && isBound(RoleResolver),
        'AuthModule option roleResolver',
        'contradicts the RoleResolver that is bound already; keep one of them',
      )
      if (!settings.enabled) {
        warn('DISABLED', 'auth_client.enabled is false: every route is open and nothing is enforced.')
      }
      if (settings.devKeys) {
        warn('DEV_KEYS', `auth_client.dev_keys is true: tokens signed by the keys in ${DEV_KEYS_FOLDER} are accepted.`)
      }
      bind(AuthClientSettings).toConstantValue(settings)
      if (!isBound(Clock)) bind(Clock).toConstantValue(Date.now)
      if (!isBound(KeySource)) bindKeySource(bind, settings)
      if (!isBound(RevocationCheck)) bindRevocationCheck(bind, settings)
      if (!isBound(RoleResolver)) {
        bind(RoleResolver).toConstantValue(roleResolver ?? claimRoleResolver(acceptedIssuers(settings)))
      }
      bind(TokenValidator)
        .toDynamicValue((context) => {
          const keySource = serviceResolver(context, KeySource)
          if (settings.enabled && settings.issuers.length > 1) assertTellsIssuersApart(keySource.resolve())
          const published = lateBoundKeySource(keySource)
          const keys = settings.devKeys ? new DevKeys(published) : published
          const revocation = lateBoundRevocationCheck(serviceResolver(context, RevocationCheck))
          return new TokenValidator({ settings, keys, revocation, clock: context.get(Clock) })
        })
        .inSingletonScope()
      bind(Principals)
        .toDynamicValue((context) => new Principals(serviceResolver(context, RoleResolver), settings))
        .inSingletonScope()
      bind(Authenticator)
        .toDynamicValue(
          (context) => new Authenticator(settings.enabled, context.get(TokenValidator), context.get(Principals)),
        )
        .inSingletonScope()
      bind(AuthMiddleware).toResolvedValue(authMiddleware, [Authenticator, AuthClientSettings]).inSingletonScope()
    })
  }
}

function bindKeySource(bind: Bind, settings: AuthClientSettings): void {
  bind(KeySource)
    .toDynamicValue(() => publishedKeys(acceptedIssuers(settings)))
    .inSingletonScope()
    .onDeactivation((keys) => (keys as JwksClient | IssuerKeys).close())
}

/** One that is only there later refuses requests, if it has to. */
function assertTellsIssuersApart(keys: KeySource | Promise<KeySource>): void {
  if (keys instanceof Promise) keys.catch(() => undefined)
  else if (keys.forIssuer === undefined) {
    const message =
      "has no forIssuer, while auth_client.issuers lists several: one issuer's keys would do for another's tokens"
    throw new AuthConfigurationError([{ where: 'KeySource', message }])
  }
}

function bindRevocationCheck(bind: Bind, settings: AuthClientSettings): void {
  if (settings.revocationEndpoint === '') {
    bind(RevocationCheck).toConstantValue(NOTHING_REVOKED)
    return
  }
  bind(RevocationCheck)
    .toDynamicValue(() => new RevocationList(settings))
    .inSingletonScope()
    .onDeactivation((list) => (list as RevocationList).close())
}

function assertNotBound(bound: boolean, where: string, message: string): void {
  if (bound) throw new AuthConfigurationError([{ where, message }])
}

function warn(code: string, message: string): void {
  process.emitWarning(message, { type: 'SecurityWarning', code: `INVERSIFY_KOA_AUTH_${code}` })
}
