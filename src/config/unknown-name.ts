import { closestName } from './closest-name.js'

/**
 * What to say of a name that nobody knows: which of the known ones was probably meant, and all of them.
 *
 * @param kind what it is not: `an option`
 */
export function unknownName(kind: string, name: string, known: readonly string[]): string {
  const meant = closestName(name, known)
  const suggestion = meant === undefined ? '' : ` (did you mean ${meant}?)`
  return `is not ${kind}${suggestion}; known are ${known.join(', ')}`
}
