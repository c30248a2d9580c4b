import type { ServiceIdentifier } from 'inversify'
import type Koa from 'koa'
import { ANY_VALID_TOKEN } from '../authorization/requirement.js'
import type { AuthClientSettings } from '../config/auth-client-settings.js'
import type { Authenticator } from './authenticator.js'
import { problemResponses } from './problem-responses.js'
import { routeSecurity } from './route-security.js'

/**
 * Koa middleware for a hand-made application: lets valid tokens through, opens the security context,
 * and answers for every `AuthError` thrown further in.
 */
export type AuthMiddleware = Koa.Middleware

export const AuthMiddleware: ServiceIdentifier<AuthMiddleware> = Symbol.for('inversify-koa-auth.AuthMiddleware')

/** @internal */
export function authMiddleware(authenticator: Authenticator, { errorDetail }: AuthClientSettings): AuthMiddleware {
  const security = routeSecurity(ANY_VALID_TOKEN, authenticator)
  const respond = problemResponses(errorDetail)
  return (ctx, next) => respond(ctx, async () => security(ctx, next))
}
