type Class = abstract new (...args: never[]) => object

/**
 * Refuses a decorator that stands without its parentheses, while the class is being defined: the compiler then hands
 * the maker of the decorator what was meant for the decorator, and without types nobody would notice.
 *
 * @param usage how it is written: `@RequiresRole('admin')`
 * @param given what the maker of the decorator was called with
 * @param takes whether a class that is given alone may be meant; by default none is
 * @throws {TypeError} naming the decorator and how it is written.
 */
export function assertParentheses(
  usage: string,
  given: readonly unknown[],
  takes: (candidate: Class) => boolean = () => false,
): void {
  if (!isPlace(given, takes)) return
  throw new TypeError(`${usage.slice(0, usage.indexOf('('))} needs its parentheses: ${usage}`)
}

/** Methods and parameters are told by a prototype, static ones and the constructor's by more than a class. */
function isPlace([target, ...rest]: readonly unknown[], takes: (candidate: Class) => boolean): boolean {
  if (isPrototype(target)) return true
  return isClass(target) && (rest.some(isKeyOrPosition) || !takes(target))
}

function isPrototype(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'constructor')) return false
  return (value.constructor as { readonly prototype?: unknown } | undefined)?.prototype === value
}

/** Unlike that of any other function, the `prototype` of a class can't be replaced. */
function isClass(value: unknown): value is Class {
  return typeof value === 'function' && Object.getOwnPropertyDescriptor(value, 'prototype')?.writable === false
}

function isKeyOrPosition(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'symbol' || typeof value === 'number'
}
