import { policiesIn } from '../../authorization/policies-in.js'
import type { Principal } from '../../authorization/principal.js'
import { refusal } from '../../authorization/refusal.js'
import { matchingRoute } from '../../controllers/matching-route.js'
import type { RouteDescription } from '../../controllers/route-table.js'
import type { MissingPermissions } from '../../errors/insufficient-permissions-error.js'
import { CommandError } from '../command-error.js'
import { type RequirementRow, requirementRows, shortfallOf } from './requirement-rows.js'

/** What a route makes of a caller. `undecided`: that is up to policies or to an agent's token, which are not asked here. */
export interface RouteVerdict {
  readonly verdict: 'let in' | 'refused' | 'undecided'
  readonly message: string
  /** What the route asks for, one by one; empty where it asks for nothing more than a token, or there is no good one. */
  readonly rows: readonly RequirementRow[]
  /** What the caller lacks, where that is why it is refused. */
  readonly missing?: MissingPermissions
}

/**
 * The route that `METHOD /path` means, as it is declared or as a client would ask for it.
 *
 * @throws {CommandError} when there is none.
 */
export function chosenRoute(routes: readonly RouteDescription[], text: string): RouteDescription {
  const [, method = '', path = ''] = /^\s*([A-Za-z]+)\s+(\/\S*)\s*$/.exec(text) ?? []
  if (path === '') throw new CommandError('--route has to be a method and a path, such as "GET /orders/:id"')
  const route = matchingRoute(routes, method.toUpperCase(), path)
  if (route === undefined) throw new CommandError(`there is no route ${method.toUpperCase()} ${path}`)
  return route
}

/** Whether a route lets somebody in whose token is good; for `principal` undefined, without one. */
export function routeVerdict({ requirement }: RouteDescription, principal: Principal | undefined): RouteVerdict {
  if (requirement.access === 'anonymous') return { verdict: 'let in', message: 'No token is looked at.', rows: [] }
  if (principal === undefined) return { verdict: 'refused', message: 'The token has to be valid.', rows: [] }
  if (requirement.access === 'optional') return { verdict: 'let in', message: 'The token is good.', rows: [] }
  const rows = requirementRows(requirement, principal)
  const found = requirement.allOf.flatMap((condition) => shortfallOf(condition, principal) ?? [])
  const unmet = found.filter(({ outcome }) => outcome === 'unmet').map(({ condition }) => condition)
  if (unmet.length > 0) {
    const { message, missing } = refusal(unmet)
    return { verdict: 'refused', message: `${message}.`, rows, missing }
  }
  const open = [
    ...(found.length === 0 ? [] : [`policies, which are not asked here: ${policyNames(requirement)}`]),
    ...(requirement.agentScopes === undefined ? [] : ["an agent's token, which is needed as well"]),
  ]
  if (open.length === 0) return { verdict: 'let in', message: 'The caller has what it takes.', rows }
  return { verdict: 'undecided', message: `It is up to ${open.join('; and to ')}.`, rows }
}

function policyNames(requirement: RouteDescription['requirement']): string {
  return policiesIn(requirement)
    .map(({ name }) => name)
    .join(', ')
}
