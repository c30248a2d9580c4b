import { onAuthEvent } from '../../src/events/auth-event.js'
import type { AuthEvents } from '../../src/events/auth-event-types.js'

export type KeyEventName = keyof {
  [Name in keyof AuthEvents as AuthEvents[Name] extends { issuer: string } ? Name : never]: Name
}

/** Listens to what is told of these issuers' keys: clients of another test may still be trying to get theirs. */
export function onKeyEvent<Name extends KeyEventName>(
  issuers: readonly string[],
  name: Name,
  listener: (event: AuthEvents[Name]) => unknown,
): () => void {
  return onAuthEvent(name, (event) => {
    if (issuers.includes(event.issuer)) listener(event)
  })
}
