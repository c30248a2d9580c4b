import { InsufficientPermissionsError } from '../errors/insufficient-permissions-error.js'
import type { Condition } from './requirement.js'

/** The error for conditions that aren't met. One refusal names all of them. */
export function refusal(unmet: readonly Condition[]): InsufficientPermissionsError {
  const text = `Requires ${unmet.map(({ anyOf }) => `one of roles: ${anyOf.join(', ')}`).join('; and ')}`
  const roles = Object.freeze([...new Set(unmet.flatMap(({ anyOf }) => anyOf))])
  return new InsufficientPermissionsError(text, Object.freeze({ roles }))
}
