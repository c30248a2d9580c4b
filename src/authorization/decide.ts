import type { Principal } from './principal.js'
import type { Condition } from './requirement.js'

const ALL_MET: readonly Condition[] = Object.freeze([])

/** The conditions that a caller does not meet; empty means the caller may go on. */
export function unmetConditions(
  allOf: readonly Condition[],
  principal: Pick<Principal, 'roles'>,
): readonly Condition[] {
  if (allOf.every((condition) => isMet(condition, principal))) return ALL_MET
  return allOf.filter((condition) => !isMet(condition, principal))
}

function isMet({ anyOf }: Condition, { roles }: Pick<Principal, 'roles'>): boolean {
  return anyOf.some((role) => roles.includes(role))
}
