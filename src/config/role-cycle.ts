/**
 * A way through a hierarchy that leads back to where it began, that role first and last; `undefined` when there is none.
 */
export function roleCycle(hierarchy: Readonly<Record<string, readonly string[]>>): readonly string[] | undefined {
  const below = new Map(Object.entries(hierarchy))
  for (let before = -1; before !== below.size; ) {
    before = below.size
    for (const [role, includes] of below) if (!includes.some((name) => below.has(name))) below.delete(role)
  }
  return wayRound(below)
}

/** Each of these roles includes another one of them, so whoever goes on and on comes by the same one again. */
function wayRound(below: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined {
  const way: string[] = []
  let [role] = below.keys()
  while (role !== undefined && !way.includes(role)) {
    way.push(role)
    role = below.get(role)?.find((name) => below.has(name))
  }
  return role === undefined ? undefined : [...way.slice(way.indexOf(role)), role]
}
