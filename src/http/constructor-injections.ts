import { Container, type Newable } from 'inversify'
import { AuthConfigurationError, type ConfigurationProblem } from '../errors/auth-configuration-error.js'

/** A class that a container can't take, and why not. */
interface Refused {
  readonly type: Newable
  readonly error: Error
}

/**
 * Refuses classes that a container could not make, because it isn't said what their constructors are to be given.
 *
 * @throws {AuthConfigurationError} naming every such parameter, with the container's own error as its cause.
 */
export function assertInjectable(types: readonly Newable[]): void {
  const container = new Container()
  const refused = types.flatMap((type) => refusal(type, container))
  if (refused.length === 0) return
  throw new AuthConfigurationError(refused.flatMap(problems), { cause: refused[0]?.error })
}

/** A container looks at a class when it is bound, and has no other way to be asked. */
function refusal(type: Newable, container: Container): readonly Refused[] {
  try {
    container.bind(type).toSelf()
    return []
  } catch (error) {
    return [{ type, error: error as Error }]
  }
}

/** Which parameters it is about stands in the text alone: by their positions, or as those beyond the known ones. */
function problems({ type, error: { message } }: Refused): readonly ConfigurationProblem[] {
  const [, length = 0, known = 0] = /at least (\d+) arguments, found (\d+)/.exec(message) ?? []
  const beyond = Array.from({ length: Number(length) - Number(known) }, (_, index) => Number(known) + index)
  const positions = [...message.matchAll(/(?:index |")(\d+)\b/g)].map(([, position]) => Number(position))
  const found = [...positions, ...beyond].map((position) => `constructor parameter ${position + 1} has no @inject(…)`)
  const messages = found.length > 0 ? found : [`cannot be bound: ${message.replace(/\s+/g, ' ')}`]
  return messages.map((it) => ({ where: type.name, message: it }))
}
