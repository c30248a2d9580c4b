import { unknownName } from '../config/unknown-name.js'

/**
 * Refuses options that nobody knows, also where nobody checks types: a test that misspells one may pass without having
 * tested anything.
 *
 * @param whose what they were given to, for the message
 * @throws {TypeError} naming the first of them, and what is known.
 */
export function assertKnownOptions<Options extends object>(
  whose: string,
  given: Options,
  known: readonly (keyof Options & string)[],
): void {
  const unknown = Object.keys(given).find((name) => !(known as readonly string[]).includes(name))
  if (unknown !== undefined) throw new TypeError(`${whose}: ${unknown} ${unknownName('an option', unknown, known)}`)
}
