/** Where a decorator may stand. */
export type DecoratorPlace = 'class' | 'method' | 'accessor' | 'parameter'

const NAMES: Readonly<Record<DecoratorPlace, string>> = {
  class: 'a class',
  method: 'an instance method',
  accessor: 'an instance accessor',
  parameter: "an instance method's parameter",
}

/**
 * Refuses a decorator that stands where it would do nothing, while the class is being defined.
 *
 * @throws {TypeError} naming the decorator and where it belongs, also when the compiler is set to
 * standard (TC39) decorators: those pass a context object where the member's name would be.
 */
export function assertDecoratorPlace(
  decorator: string,
  allowed: readonly DecoratorPlace[],
  [target, key, third]: readonly unknown[],
): void {
  if (typeof key === 'object' && key !== null) {
    throw new TypeError(`${decorator} needs "experimentalDecorators": true in tsconfig.json`)
  }
  const place = placeOf(target, key, third)
  if (place === undefined || !allowed.includes(place)) {
    throw new TypeError(`${decorator} belongs on ${allowed.map((name) => NAMES[name]).join(' or ')}`)
  }
}

function placeOf(target: unknown, key: unknown, third: unknown): DecoratorPlace | undefined {
  if (typeof target === 'function') return key === undefined && third === undefined ? 'class' : undefined
  if (key === undefined) return undefined
  if (typeof third === 'number') return 'parameter'
  const { value, get, set } = (third as PropertyDescriptor | undefined) ?? {}
  if (typeof value === 'function') return 'method'
  return typeof (get ?? set) === 'function' ? 'accessor' : undefined
}
