import type { BindingIdentifier, ContainerModuleLoadOptions, Newable } from 'inversify'
import { AuthConfigurationError, type ConfigurationProblem } from '../errors/auth-configuration-error.js'

/** A class that a container can't take, and why not. */
interface Refused {
  readonly type: Newable
  readonly error: Error
}

/**
 * Binds classes as singletons: all of them, or none where it isn't said what a constructor is to be given.
 *
 * A container looks at a class when it is bound, and has no other way to be asked. What is taken back is these bindings
 * alone: with a class's bindings would go what the application has said of its activation.
 *
 * @throws {AuthConfigurationError} naming every such parameter, with the container's own error as its cause.
 */
export function bindControllers(
  controllers: Iterable<Newable>,
  { bind, unbind }: Pick<ContainerModuleLoadOptions, 'bind' | 'unbind'>,
): void {
  const bound: BindingIdentifier[] = []
  const refused: Refused[] = []
  for (const type of controllers) {
    try {
      bound.push(bind(type).toSelf().inSingletonScope().getIdentifier())
    } catch (error) {
      refused.push({ type, error: error as Error })
    }
  }
  if (refused.length === 0) return
  for (const binding of bound) unbind(binding)
  throw new AuthConfigurationError(refused.flatMap(problems), { cause: refused[0]?.error })
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
