import { parseDocument } from 'yaml'

/** A plain mapping: not one of the ordered or keyed collections that YAML's tags make, nor an instance of a class. */
export function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** Whether a value maps names, none of them empty or with spaces around it, to what will do. */
export function isMappingOf(value: unknown, willDo: (member: unknown) => boolean): boolean {
  return isMapping(value) && Object.entries(value).every(([name, member]) => isName(name) && willDo(member))
}

/** Whether a value maps names to lists of names, none of them empty or with spaces around it. */
export function isListMapping(value: unknown): value is Readonly<Record<string, readonly string[]>> {
  return isMappingOf(value, isNameList)
}

/** Whether a value is a list of names, none of them empty or with spaces around it. */
export function isNameList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(isName)
}

/** A frozen copy, all the way down, in which `__proto__` is a name like any other. */
export function frozenCopy(value: unknown): unknown {
  if (Array.isArray(value)) return Object.freeze(value.map(frozenCopy))
  if (!isMapping(value)) return value
  return Object.freeze(Object.fromEntries(Object.entries(value).map(([name, member]) => [name, frozenCopy(member)])))
}

/** What JSON text means. Text that is anything else, or says something twice, stays as it is. */
export function json(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return parseDocument(text).errors.length === 0 ? value : text
  } catch {
    return text
  }
}

function isName(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && value === value.trim()
}
