import type { Principal } from './principal.js'
import type { Condition } from './requirement.js'

const ALL_MET: readonly Condition[] = Object.freeze([])

/** The conditions that a caller does not meet; empty means the caller may go on. */
export function unmetConditions(
  allOf: readonly Condition[],
  principal: Pick<Principal, 'roles'>,
): readonly Condition[] {
  for (const condition of allOf) {
    if (!isMet(condition, principal)) return allOf.filter((each) => !isMet(each, principal))
  }
  return ALL_MET
}

function isMet({ anyOf }: Condition, { roles }: Pick<Principal, 'roles'>): boolean {
  for (const role of anyOf) if (roles.includes(role)) return true
  return false
}
