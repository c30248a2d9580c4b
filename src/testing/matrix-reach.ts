import type { IssuerSettings } from '../config/auth-client-settings.js'
import type { RouteDescription } from '../controllers/route-table.js'
import { heldBy, holds } from './condition-verdict.js'
import { ATTRIBUTE_CLAIMS } from './issued-claims.js'
import { type Attribute, attributeName, attributesOf } from './matrix-callers.js'
import { expectedOutcomes } from './matrix-expectation.js'
import { routeName } from './matrix-names.js'
import type { Presence } from './matrix-presence.js'

/** Who calls, and by which settings they are known. */
export interface Attendance {
  readonly present: readonly Presence[]
  readonly issuer: IssuerSettings
}

/**
 * Makes sure that what a route asks for is there: each single thing is held by some caller, and all of it together by
 * one. A rule that nobody puts to the test would seem to hold.
 *
 * @throws {TypeError} naming what is missing, why, and what to do.
 */
export function assertInReach(route: RouteDescription, { present, issuer }: Attendance): void {
  const { requirement, sentence } = route
  const everybody = present.flatMap(({ principal }) => principal ?? []).map(heldBy)
  const name = routeName(route)
  const advice = `Add one to { callers: { … } }; or, if that is meant: { outOfReach: ['${name}'] }`
  const unheld = attributesOf(requirement).find((attribute) => !everybody.some((held) => holds(held, ...attribute)))
  if (unheld !== undefined) {
    const missing = attributeName(unheld)
    throw new TypeError(`no caller has ${missing}, which ${name} asks for: ${reason(unheld, issuer)}. ${advice}`)
  }
  const mayPass = ({ caller, principal }: Presence) =>
    expectedOutcomes(requirement, caller, principal).includes('allowed')
  if (!present.some(mayPass)) throw new TypeError(`no caller may pass ${name}, which is for ${sentence}. ${advice}`)
}

function reason([kind]: Attribute, settings: IssuerSettings): string {
  const isSoughtAnywhere = settings[ATTRIBUTE_CLAIMS[kind]].length > 0
  return isSoughtAnywhere
    ? "the application's RoleResolver gives it to none of them"
    : `auth_client.${kind}_claims is empty`
}
