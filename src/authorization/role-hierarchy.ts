/**
 * Which roles come with which, all the way down, worked out once.
 *
 * Roles are names and nothing else: `constructor` and `__proto__` are like any other.
 */
export class RoleHierarchy {
  readonly #reach: ReadonlyMap<string, readonly string[]>

  /** @param hierarchy roles and the roles that their holders have as well, without a way that leads back */
  constructor(hierarchy: Readonly<Record<string, readonly string[]>>) {
    const below = new Map(Object.entries(hierarchy))
    this.#reach = new Map([...below.keys()].map((role) => [role, reachFrom(role, below)]))
  }

  /** These roles and what comes with them, each once, in the order in which they are come by. */
  complete(roles: readonly string[]): readonly string[] {
    if (this.#reach.size === 0) return roles
    const all = new Set(roles)
    for (const role of roles) for (const included of this.#reach.get(role) ?? []) all.add(included)
    return [...all]
  }
}

/** Every role below one. A set visits what is added to it while it is being visited. */
function reachFrom(role: string, below: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const reach = new Set(below.get(role))
  for (const next of reach) for (const included of below.get(next) ?? []) reach.add(included)
  return [...reach]
}
