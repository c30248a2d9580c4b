import { agentScopes } from './agent-scope.js'
import type { NonEmpty } from './condition.js'
import { declare, type SecurityDecorator } from './declarations.js'
import { assertParentheses } from './decorator-parentheses.js'

/**
 * Lets in callers with a valid token of their own whom an agent with any of `scopes` works for: the agent's token is
 * in `X-Agent-Authorization`. Several of these decorators, and those of class and method, all count.
 *
 * A granted `treasury:*` meets everything from `treasury` downwards; a required `treasury:*` is met by nothing less.
 *
 * @throws {TypeError} without scopes, or with an empty one.
 *
 * @example
 * ```ts
 * import { AgentContext, Controller, Post, RequiresAgentScope } from 'inversify-koa-auth'
 *
 * @Controller('/budgets')
 * export class BudgetController {
 *   @Post()
 *   @RequiresAgentScope('treasury:write:budget')
 *   create() {
 *     return { createdBy: AgentContext.require().sub }
 *   }
 * }
 * ```
 */
export function RequiresAgentScope(...scopes: NonEmpty<string>): SecurityDecorator {
  assertParentheses("@RequiresAgentScope('orders:read')", scopes)
  return declare('@RequiresAgentScope', () => ({
    kind: 'agentScope',
    decorator: '@RequiresAgentScope',
    anyOf: agentScopes(scopes),
  }))
}
