import type { Requirement } from '../authorization/requirement.js'
import type { RouteDescription } from '../controllers/route-table.js'

/** Who may call a route, as the document tells it. */
export interface DocumentedRule {
  readonly requirement: Requirement
  readonly sentence: string
  /** Whether holders of good tokens may be refused. */
  readonly asksMore: boolean
}

/** @param namesRequirements `false` keeps the names of roles, scopes and the like out */
export function documentedRule(
  { requirement, sentence }: RouteDescription,
  namesRequirements: boolean,
): DocumentedRule {
  if (requirement.access !== 'authenticated') return { requirement, sentence, asksMore: false }
  const { allOf, agentScopes } = requirement
  const asksMore = allOf.length > 0 || agentScopes !== undefined
  if (!asksMore || namesRequirements) return { requirement, sentence, asksMore }
  const nameless: Requirement = { access: 'authenticated', allOf: [], ...(agentScopes && { agentScopes: [] }) }
  return { requirement: nameless, sentence: `callers who may${agentScopes ? ', and an agent that may' : ''}`, asksMore }
}
