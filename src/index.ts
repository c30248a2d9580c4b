export { RevocationCheck } from './authentication/revocation-check.js'
export { TokenValidator } from './authentication/token-validator.js'
export {
  allOf,
  anyOf,
  group,
  type NonEmpty,
  not,
  permission,
  role,
  scope,
} from './authorization/condition.js'
export type { SecurityDecorator } from './authorization/declarations.js'
export type { Principal } from './authorization/principal.js'
export type {
  AllOfCondition,
  AnyOfCondition,
  AttributeCondition,
  AttributeKind,
  Condition,
  NotCondition,
  PolicyClass,
  PolicyCondition,
  Requirement,
} from './authorization/requirement.js'
export { RequiresAgentScope } from './authorization/requires-agent-scope.js'
export { RoleResolver } from './authorization/role-resolver.js'
export {
  AllowAnonymous,
  Authenticated,
  OptionalAuthentication,
  Requires,
  RequiresGroup,
  RequiresPermission,
  RequiresRole,
  RequiresScope,
} from './authorization/security-decorators.js'
export {
  type AuthClientOptions,
  AuthClientSettings,
  type IssuerOptions,
  type IssuerSettings,
  type SettingOption,
  type SignatureAlgorithm,
} from './config/auth-client-settings.js'
export { type Auth0Options, auth0 } from './config/providers/auth0.js'
export { type CognitoOptions, cognito } from './config/providers/cognito.js'
export { type EntraIdOptions, entraId } from './config/providers/entra-id.js'
export { type KeycloakOptions, keycloak } from './config/providers/keycloak.js'
export { type OktaOptions, okta } from './config/providers/okta.js'
export { type PicoAuthOptions, picoAuth } from './config/providers/pico-auth.js'
export { AgentContext } from './context/agent-context.js'
export { type CaptureOptions, captureIdentity } from './context/capture-identity.js'
export type { IdentityEnvelope } from './context/identity-envelope.js'
export type { IdentitySecret } from './context/identity-secret.js'
export type { OwnerOptions } from './context/require-owner.js'
export { type RunWithIdentityOptions, runWithIdentity } from './context/run-with-identity.js'
export { openIdentity, sealIdentity } from './context/sealed-identity.js'
export { SecurityContext } from './context/security-context.js'
export type { RouteMethod } from './controllers/controller-metadata.js'
export { Body, Context, Header, Param, Query } from './controllers/parameter-decorators.js'
export { Controller, Delete, Get, Head, Options, Patch, Post, Put, Status } from './controllers/route-decorators.js'
export { type RouteDescription, RouteTable } from './controllers/route-table.js'
export type { StandardIssue, StandardResult, StandardSchema } from './controllers/standard-schema.js'
export { AgentScopeMissingError } from './errors/agent-scope-missing-error.js'
export { AgentTokenExpiredError } from './errors/agent-token-expired-error.js'
export { type AgentTokenInvalidCode, AgentTokenInvalidError } from './errors/agent-token-invalid-error.js'
export { AgentTokenMissingError } from './errors/agent-token-missing-error.js'
export { AuthConfigurationError, type ConfigurationProblem } from './errors/auth-configuration-error.js'
export { AuthError, isAuthError } from './errors/auth-error.js'
export { BodyError, type BodyErrorCode, type BodyIssue } from './errors/body-error.js'
export { DecisionUnavailableError } from './errors/decision-unavailable-error.js'
export { type IdentityEnvelopeCode, IdentityEnvelopeError } from './errors/identity-envelope-error.js'
export { InsufficientPermissionsError, type MissingPermissions } from './errors/insufficient-permissions-error.js'
export type { InvalidTokenOptions } from './errors/invalid-token-challenge.js'
export { KeysUnavailableError } from './errors/keys-unavailable-error.js'
export { type MalformedRequestCode, MalformedRequestError } from './errors/malformed-request-error.js'
export { MissingTokenError, type MissingTokenOptions } from './errors/missing-token-error.js'
export { NotFoundError } from './errors/not-found-error.js'
export { ProblemError, type ProblemOptions } from './errors/problem-error.js'
export { RevocationUnavailableError } from './errors/revocation-unavailable-error.js'
export { TokenExpiredError } from './errors/token-expired-error.js'
export { type TokenInvalidCode, TokenInvalidError } from './errors/token-invalid-error.js'
export { TokenRevokedError } from './errors/token-revoked-error.js'
export { onAuthEvent } from './events/auth-event.js'
export type {
  AuthEventName,
  AuthEvents,
  AuthenticatedEvent,
  DecisionFailedEvent,
  DeniedEvent,
  KeysRefreshedEvent,
  KeysRefreshFailedEvent,
  KeysServedStaleEvent,
  RejectedEvent,
  RevocationRefreshedEvent,
  RevocationRefreshFailedEvent,
} from './events/auth-event-types.js'
export { AuthMiddleware } from './http/auth-middleware.js'
export { AuthModule, type AuthModuleOptions } from './http/auth-module.js'
export { authorize, type RouteRequirement } from './http/authorize.js'
export { KoaConfigurer } from './http/koa-configurer.js'
export { KoaModule, type KoaModuleOptions } from './http/koa-module.js'
export { type Policy, type PolicyIdentifier, policy, RequiresPolicy } from './http/policy.js'
export { Principals } from './http/principals.js'
export { printRoutes } from './http/print-routes.js'
export { RouteMiddleware } from './http/route-middleware.js'
export { secured } from './http/secured.js'
export { warmUp } from './http/warm-up.js'
export { JwksClient, type JwksSettings } from './keys/jwks-client.js'
export { KeySource } from './keys/key-source.js'
export { OpenApiModule } from './openapi/openapi-module.js'
export type { DocumentationOptions, OpenApiOptions } from './openapi/openapi-options.js'
export type { Actor } from './tokens/actors.js'
export type { AgentClaims } from './tokens/agent-claims.js'
export type { TokenClaims } from './tokens/token-claims.js'
export type { VerifiedToken } from './tokens/verified-token.js'
