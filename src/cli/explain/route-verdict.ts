import { decide, type Shortfall } from '../../authorization/decide.js'
import { policiesIn } from '../../authorization/policies-in.js'
import type { Principal } from '../../authorization/principal.js'
import { refusal } from '../../authorization/refusal.js'
import { matchingRoute } from '../../controllers/matching-route.js'
import type { RouteDescription } from '../../controllers/route-table.js'
import { CommandError } from '../command-error.js'

/** What a route makes of a caller. `undecided`: that is up to policies, which are not asked here. */
export interface RouteVerdict {
  readonly verdict: 'let in' | 'refused' | 'undecided'
  readonly message: string
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
  if (requirement.access === 'anonymous') return { verdict: 'let in', message: 'No token is looked at.' }
  if (principal === undefined) return { verdict: 'refused', message: 'The token has to be valid.' }
  if (requirement.access === 'optional') return { verdict: 'let in', message: 'The token is good.' }
  // What a policy says is unknown. As `unavailable`, it decides nothing by itself and never comes as a promise.
  const found = decide(requirement.allOf, principal, () => 'unavailable') as readonly Shortfall[]
  const unmet = found.filter(({ outcome }) => outcome === 'unmet').map(({ condition }) => condition)
  if (unmet.length > 0) return { verdict: 'refused', message: `${refusal(unmet).message}.` }
  const agents =
    requirement.agentScopes === undefined ? '' : " An agent's token is needed as well, and not judged here."
  if (found.length === 0) return { verdict: 'let in', message: `The caller has what it takes.${agents}` }
  const message = `It is up to policies, which are not asked here: ${policyNames(requirement)}.${agents}`
  return { verdict: 'undecided', message }
}

function policyNames(requirement: RouteDescription['requirement']): string {
  return policiesIn(requirement)
    .map(({ name }) => name)
    .join(', ')
}
