import type { AttributeCondition, AttributeKind } from './requirement.js'

/** A scope of OAuth 2.0 (RFC 6749, section 3.3): no spaces, quotation marks or backslashes, so that it fits a challenge. */
const SCOPE_TOKEN = /^[\x21\x23-\x5B\x5D-\x7E]+$/

/**
 * A condition that any one of `names` meets.
 *
 * @throws {TypeError} without names, with one that isn't a non-empty string, or a scope that no token can hold.
 */
export function attributeCondition(kind: AttributeKind, names: readonly string[]): AttributeCondition {
  if (!Array.isArray(names)) throw new TypeError(`${kind}s have to be a list`)
  if (names.length === 0) throw new TypeError(`at least one ${kind} is needed: an empty list would let nobody in`)
  if (!names.every((name) => typeof name === 'string' && name !== '')) {
    throw new TypeError(`every ${kind} has to be a non-empty string`)
  }
  if (kind === 'scope' && !names.every((name) => SCOPE_TOKEN.test(name))) {
    throw new TypeError('a scope has no spaces, quotation marks, backslashes or other than ASCII characters')
  }
  return Object.freeze({ kind, anyOf: Object.freeze([...new Set(names)].sort()) })
}
