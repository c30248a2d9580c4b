import type Koa from 'koa'
import { type NonEmpty, policyClasses } from '../authorization/condition.js'
import { declarationsAt, declare, declaredMembers, type SecurityDecorator } from '../authorization/declarations.js'
import { assertParentheses } from '../authorization/decorator-parentheses.js'
import type { Principal } from '../authorization/principal.js'
import type { PolicyClass, PolicyCondition } from '../authorization/requirement.js'
import { isController } from '../controllers/controller-metadata.js'

/**
 * A rule in code, for what names of roles and scopes can't say. Bind its class to the container: it gets its
 * dependencies from there, and `@RequiresPolicy` names it.
 *
 * It runs inside the request's security context, before the body is read.
 *
 * @example
 * ```ts
 * import { injectable } from 'inversify'
 * import type Koa from 'koa'
 * import { Controller, Get, type Policy, type Principal, RequiresPolicy } from 'inversify-koa-auth'
 *
 * @injectable()
 * class OfSameTenant implements Policy {
 *   permits({ claims }: Principal, ctx: Koa.Context): boolean {
 *     return claims.orgId !== '' && claims.orgId === ctx['params'].tenant
 *   }
 * }
 *
 * @Controller('/tenants/:tenant')
 * @RequiresPolicy(OfSameTenant)
 * export class TenantController {
 *   @Get('/invoices')
 *   invoices() {
 *     return []
 *   }
 * }
 * ```
 */
export interface Policy {
  /**
   * Whether the caller may go on. Only `true` lets anybody in.
   *
   * Throwing, or answering with anything but a boolean, denies with 403; giving no answer within
   * `decision_timeout_ms` with 503. Both are published as `decision:failed`.
   *
   * @param ctx the request's; where a method is called outside of any request, using it is an error, which denies
   */
  permits(principal: Principal, ctx: Koa.Context): boolean | Promise<boolean>
}

/** The class of a policy, as it is bound to the container. */
export type PolicyIdentifier = abstract new (...args: never[]) => Policy

/**
 * Any one of these policies, for {@link Requires}. They are asked in the order given, up to the first that permits.
 *
 * @throws {TypeError} without policies, or with something else than a class.
 */
export function policy(...anyOf: NonEmpty<PolicyIdentifier>): PolicyCondition {
  return Object.freeze({ kind: 'policy', anyOf: policyClasses(anyOf) })
}

/**
 * Lets in whom any of these policies permits. They are asked in the order given, up to the first that permits.
 *
 * A policy that isn't bound to the container, or has no method `permits`, is an error at start-up.
 *
 * @throws {TypeError} without policies, or with something else than a class.
 */
export function RequiresPolicy(...policies: NonEmpty<PolicyIdentifier>): SecurityDecorator {
  assertParentheses('@RequiresPolicy(SomePolicy)', policies, mayBePolicy)
  return declare('@RequiresPolicy', () => ({
    kind: 'condition',
    decorator: '@RequiresPolicy',
    condition: policy(...policies),
  }))
}

/** A policy's `permits` may be abstract or a field; what has none to be seen and bears our decorators is no policy. */
function mayBePolicy({ prototype }: PolicyClass): boolean {
  if ('permits' in prototype) return true
  return declarationsAt(prototype).length + declaredMembers(prototype).length === 0 && !isController(prototype)
}
