import { refusal } from '../authorization/refusal.js'
import type { AttributeCondition, Requirement } from '../authorization/requirement.js'
import type { MissingPermissions } from '../errors/insufficient-permissions-error.js'

/** One way to be let in: schemes by name, with the scopes they need. */
export type SecurityRequirement = Readonly<Record<string, readonly string[]>>

/** The names of the schemes that a document declares. */
export interface SchemeNames {
  readonly bearer: string
  readonly agent: string
  /** One for each issuer whose endpoints are known. */
  readonly oauth2: readonly string[]
}

/** More ways than this would tell a reader nothing. */
const MOST_ALTERNATIVES = 8

/** The ways to be let in, any one of them; none asked where the list is empty. */
export function routeAccess(
  requirement: Requirement,
  { bearer, agent, oauth2 }: SchemeNames,
): readonly SecurityRequirement[] {
  if (requirement.access === 'anonymous') return []
  const scopes = requirement.access === 'authenticated' ? scopeAlternatives(requirement) : [[]]
  const ways: readonly SecurityRequirement[] = [
    { [bearer]: [] },
    ...oauth2.flatMap((name) => scopes.map((needed) => ({ [name]: needed }))),
  ]
  if (requirement.access === 'optional') return [{}, ...ways]
  return requirement.agentScopes === undefined ? ways : ways.map((way) => ({ ...way, [agent]: [] }))
}

/** Everything that a route asks for anywhere, by kind; `undefined` where it asks for nothing but a token. */
export function askedFor(requirement: Requirement): MissingPermissions | undefined {
  if (requirement.access !== 'authenticated' || requirement.allOf.length === 0) return undefined
  const { missing } = refusal(requirement.allOf)
  return Object.keys(missing).length === 0 ? undefined : missing
}

/** Lists of scopes that are all needed; what asks for scopes among other things is left to the description. */
function scopeAlternatives({
  allOf,
}: Extract<Requirement, { access: 'authenticated' }>): readonly (readonly string[])[] {
  const conditions = allOf.filter((condition): condition is AttributeCondition => condition.kind === 'scope')
  const combined = conditions.reduce<readonly (readonly string[])[]>(
    (ways, { anyOf }) => ways.flatMap((way) => anyOf.map((scope) => [...new Set([...way, scope])])),
    [[]],
  )
  return combined.length > MOST_ALTERNATIVES ? [[]] : combined
}
