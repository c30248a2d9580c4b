/** A prototype and the prototypes it inherits from, nearest first. `Object.prototype` is left out. */
export function prototypeChain(prototype: object): readonly object[] {
  const parent = Object.getPrototypeOf(prototype) as object | null
  return parent === null || parent === Object.prototype ? [prototype] : [prototype, ...prototypeChain(parent)]
}
