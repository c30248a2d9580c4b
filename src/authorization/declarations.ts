import type { AgentScopes } from './agent-scope.js'
import { assertDecoratorPlace } from './decorator-place.js'
import { metadataSlot } from './metadata-slot.js'
import type { Condition } from './requirement.js'

/** What one security decorator says. */
export type Declaration =
  | { readonly kind: 'anonymous'; readonly decorator: '@AllowAnonymous' }
  | { readonly kind: 'optional'; readonly decorator: '@OptionalAuthentication' }
  | { readonly kind: 'authenticated'; readonly decorator: '@Authenticated' }
  | { readonly kind: 'agentScope'; readonly decorator: '@RequiresAgentScope'; readonly anyOf: AgentScopes }
  | { readonly kind: 'condition'; readonly decorator: `@Requires${string}`; readonly condition: Condition }

/** Prototypes with declarations of their own. Classes live as long as the process, so this may hold on to them. */
const declared = new Set<object>()

/**
 * A decorator that stands on a class, on an instance method, or on an accessor of a `secured` service. On static members
 * it doesn't compile: what those stand on has a prototype.
 */
export type SecurityDecorator = ClassDecorator &
  (<Member>(
    target: object & { readonly prototype?: never },
    key: string | symbol,
    descriptor: TypedPropertyDescriptor<Member>,
  ) => void)

const declarations = metadataSlot<readonly Declaration[]>('security')

/**
 * A decorator that writes a declaration beside those that stand on the same class or member already.
 *
 * @param declaration what it says, asked for where it stands, so that a mistake in it can be told by its place
 * @throws {TypeError} when it says nothing sound, stands on anything else, or is compiled as a standard (TC39) decorator.
 */
export function declare(decorator: Declaration['decorator'], declaration: () => Declaration): SecurityDecorator {
  return (target: object, key?: string | symbol, descriptor?: PropertyDescriptor) => {
    assertDecoratorPlace(decorator, ['class', 'method', 'accessor'], [target, key, descriptor])
    const place: object = typeof target === 'function' ? target.prototype : target
    const said = soundDeclaration(declaration, `${decorator} on ${nameOf(place, key)}`)
    declarations.write((before = []) => Object.freeze([said, ...before]), place, key)
    declared.add(place)
  }
}

function soundDeclaration(declaration: () => Declaration, where: string): Declaration {
  try {
    return declaration()
  } catch (error) {
    throw new TypeError(`${where}: ${(error as Error).message}`, { cause: error })
  }
}

function nameOf(prototype: object, key: string | symbol | undefined): string {
  const { name } = prototype.constructor
  return key === undefined ? name : `${name}.${String(key)}`
}

/** The declarations that stand on one class (no `key`), method or accessor itself: nothing inherited. */
export function declarationsAt(prototype: object, key?: string | symbol): readonly Declaration[] {
  return declarations.read(prototype, key) ?? []
}

/** The methods and accessors that carry declarations on one class: nothing inherited. */
export function declaredMembers(prototype: object): readonly (string | symbol)[] {
  return [...declarations.ofMembers(prototype).keys()]
}

/** The prototype of every class in this process that carries declarations itself, or on members of its own. */
export function declaredPrototypes(): readonly object[] {
  return [...declared]
}
