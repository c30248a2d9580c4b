import { ClaimRoleResolver } from '../authorization/claim-role-resolver.js'
import { RoleHierarchy } from '../authorization/role-hierarchy.js'
import { AgentContext } from '../context/agent-context.js'
import { SecurityContext } from '../context/security-context.js'
import { toAgentClaims } from '../tokens/agent-claims.js'
import { deepFreeze } from '../tokens/deep-freeze.js'
import { toTokenClaims } from '../tokens/token-claims.js'
import { assertKnownOptions } from './known-options.js'
import { agentTokenClaims, type TestAgentClaims } from './test-agent-claims.js'
import { DEFAULT_ROLE_CLAIM, testPayload } from './test-claims.js'

/** Somebody to run work as. */
export interface TestCaller {
  /** Default: 'user'. */
  readonly sub?: string | undefined
  readonly roles?: readonly string[] | undefined
  readonly groups?: readonly string[] | undefined
  readonly scopes?: readonly string[] | undefined
  readonly permissions?: readonly string[] | undefined
  /** Claims over the usual ones of a token and over those above; `undefined` removes a claim. */
  readonly claims?: Readonly<Record<string, unknown>> | undefined
  /** The agent at work for the caller, by the claims of its token. Default: none. */
  readonly agent?: TestAgentClaims | undefined
}

/** What the application's settings would add to a caller. */
export interface RunAsOptions {
  /** Roles that come with others, as in the setting of this name. Default: none do. */
  readonly roleHierarchy?: Readonly<Record<string, readonly string[]>> | undefined
}

/**
 * Runs work as somebody who sent a valid token with these claims, without HTTP and without keys.
 *
 * The caller's roles are what stands in the claim `role`, and what comes with them in `roleHierarchy`; an application's
 * own `RoleResolver` and settings are not asked.
 *
 * @returns what the work returns
 * @throws {TypeError} for an unknown member of the caller: `role` for `roles` would be somebody without any.
 *
 * @example
 * ```ts
 * import { SecurityContext } from 'inversify-koa-auth'
 * import { runAs } from 'inversify-koa-auth/testing'
 *
 * const name = runAs({ sub: 'ann', roles: ['editor'] }, () => SecurityContext.require().sub)
 * ```
 */
export function runAs<Result>(caller: TestCaller, work: () => Result, options: RunAsOptions = {}): Result {
  assertKnownOptions('runAs', caller, ['sub', 'roles', 'groups', 'scopes', 'permissions', 'claims', 'agent'])
  assertKnownOptions('runAs', options, ['roleHierarchy'])
  const { roleHierarchy = {} } = options
  const { scopes, sub = 'user', roles, groups, permissions, claims, agent } = caller
  const payload = testPayload({ sub, roles, groups, scope: scopes?.join(' '), permissions, ...claims })
  const rawClaims = deepFreeze(payload)
  const tokenClaims = toTokenClaims(rawClaims)
  const given = new ClaimRoleResolver([DEFAULT_ROLE_CLAIM]).resolve(tokenClaims, rawClaims)
  const held = Object.freeze(new RoleHierarchy(roleHierarchy).complete(given))
  const principal = Object.freeze({ claims: tokenClaims, rawClaims, roles: held, scopeWildcards: false })
  return SecurityContext.run(principal, agent === undefined ? work : () => runAsAgent(agent, work))
}

function runAsAgent<Result>(agent: TestAgentClaims, work: () => Result): Result {
  return AgentContext.run(toAgentClaims(testPayload(agentTokenClaims(agent))), work)
}
