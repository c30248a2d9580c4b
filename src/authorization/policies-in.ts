import { onceEach } from './once-each.js'
import type { Condition, PolicyClass, Requirement } from './requirement.js'

/** Every policy that a requirement may have to ask, each once. */
export const policiesIn = onceEach((requirement: Requirement): readonly PolicyClass[] =>
  requirement.access === 'authenticated' ? [...new Set(requirement.allOf.flatMap(policiesOf))] : [],
)

function policiesOf(condition: Condition): readonly PolicyClass[] {
  if (condition.kind === 'policy') return condition.anyOf
  if (condition.kind === 'not') return policiesOf(condition.of)
  return 'of' in condition ? condition.of.flatMap(policiesOf) : []
}
