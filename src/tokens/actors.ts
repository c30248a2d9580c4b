/** Somebody who acts on a subject's behalf (RFC 8693, section 4.1). */
export interface Actor {
  /** Who acts, in the issuer's terms. */
  readonly sub: string
  /** The issuer that knows the actor by this name, where the claim says so; '' when it doesn't. */
  readonly issuer: string
}

/** Delegation goes a few steps far. A chain that goes on and on is nobody's honest doing. */
const MOST_ACTORS = 16

const NOBODY: readonly Actor[] = Object.freeze([])

/**
 * Reads an `act` claim (RFC 8693, section 4.1): who acts at present, then who acted before.
 *
 * A chain that is malformed anywhere, or longer than 16 actors, reads as absent: empty. Frozen. By the RFC only the
 * first actor counts for decisions; the others are history.
 */
export function actorsOf(claim: unknown): readonly Actor[] {
  if (claim === undefined) return NOBODY
  const actors: Actor[] = []
  for (let next: unknown = claim; next !== undefined; next = (next as { readonly act?: unknown }).act) {
    const actor = actors.length < MOST_ACTORS ? actorIn(next) : undefined
    if (actor === undefined) return NOBODY
    actors.push(actor)
  }
  return Object.freeze(actors)
}

function actorIn(claim: unknown): Actor | undefined {
  if (typeof claim !== 'object' || claim === null || Array.isArray(claim)) return undefined
  const { sub, iss: issuer = '' } = claim as { readonly sub?: unknown; readonly iss?: unknown }
  if (typeof sub !== 'string' || sub === '' || typeof issuer !== 'string') return undefined
  return Object.freeze({ sub, issuer })
}
