import { type Bind, ContainerModule } from 'inversify'
import { Clock } from '../authentication/clock.js'
import { NOTHING_REVOKED, RevocationCheck } from '../authentication/revocation-check.js'
import { RevocationList } from '../authentication/revocation-list.js'
import { TokenValidator } from '../authentication/token-validator.js'
import { ClaimRoleResolver } from '../authorization/claim-role-resolver.js'
import { RoleResolver } from '../authorization/role-resolver.js'
import { type AuthClientOptions, AuthClientSettings } from '../config/auth-client-settings.js'
import { loadSettings } from '../config/load-settings.js'
import { AuthConfigurationError } from '../errors/auth-configuration-error.js'
import { JwksClient } from '../keys/jwks-client.js'
import { KeySource } from '../keys/key-source.js'
import { AuthMiddleware, authMiddleware } from './auth-middleware.js'
import { Authenticator } from './authenticator.js'
import { lateBoundKeySource, lateBoundRevocationCheck } from './late-bound.js'
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
 * Binds everything that verifies callers: settings, keys, `TokenValidator`, `RoleResolver`, `AuthMiddleware`.
 *
 * What the application has bound before loading is kept; `container.rebind` replaces it afterwards.
 */
export class AuthModule extends ContainerModule {
  /** @throws {AuthConfigurationError} naming every problem in the settings, before anything is bound. */
  constructor({ configFiles, env = process.env, roleResolver, ...options }: AuthModuleOptions = {}) {
    const settings = loadSettings({ options, env, configFiles })
    super(({ bind, isBound }) => {
      assertNotBound(isBound(AuthClientSettings), 'AuthModule', 'is loaded already; one container has one AuthModule')
      assertNotBound(
        roleResolver !== undefined && isBound(RoleResolver),
        'AuthModule option roleResolver',
        'contradicts the RoleResolver that is bound already; keep one of them',
      )
      if (!settings.enabled) warnOfOpenDoors()
      bind(AuthClientSettings).toConstantValue(settings)
      if (!isBound(Clock)) bind(Clock).toConstantValue(Date.now)
      if (!isBound(KeySource)) bindKeySource(bind, settings)
      if (!isBound(RevocationCheck)) bindRevocationCheck(bind, settings)
      if (!isBound(RoleResolver)) {
        bind(RoleResolver).toConstantValue(roleResolver ?? new ClaimRoleResolver(settings.roleClaims))
      }
      bind(TokenValidator)
        .toDynamicValue((context) => {
          const keys = lateBoundKeySource(serviceResolver(context, KeySource))
          const revocation = lateBoundRevocationCheck(serviceResolver(context, RevocationCheck))
          return new TokenValidator({ settings, keys, revocation, clock: context.get(Clock) })
        })
        .inSingletonScope()
      bind(Authenticator)
        .toDynamicValue((context) => {
          const roles = serviceResolver(context, RoleResolver)
          return new Authenticator(settings.enabled, context.get(TokenValidator), roles)
        })
        .inSingletonScope()
      bind(AuthMiddleware).toResolvedValue(authMiddleware, [Authenticator]).inSingletonScope()
    })
  }
}

function bindKeySource(bind: Bind, settings: AuthClientSettings): void {
  bind(KeySource)
    .toDynamicValue(() => new JwksClient(settings))
    .inSingletonScope()
    .onDeactivation((client) => (client as JwksClient).close())
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

function warnOfOpenDoors(): void {
  process.emitWarning('auth_client.enabled is false: every route is open and nothing is enforced.', {
    type: 'SecurityWarning',
    code: 'INVERSIFY_KOA_AUTH_DISABLED',
  })
}
