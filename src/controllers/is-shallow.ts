/**
 * Whether a value nests so many levels of objects and lists, or fewer. Text and numbers are level 0.
 *
 * What goes on and on is meant for somebody's call stack. It can't harm this one: deeper than that nobody looks.
 */
export function isShallow(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true
  return levels > 0 && Object.values(value).every((member) => isShallow(member, levels - 1))
}
