import { isShallow } from './is-shallow.js'

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Claims nest a few levels deep. */
const MOST_LEVELS = 64

/** A string of valid JSON, and the colon that makes it a member's name. */
const STRING = /"(?:[^"\\]|\\.)*"(\s*:)?/g

/**
 * Reads a JSON object from bytes, refusing what two parsers could read differently:
 * invalid UTF-8, a byte order mark, and member names that occur twice in one object (RFC 8725, section 2.4;
 * RFC 7519, section 4). Neither may it nest more than 64 levels deep.
 *
 * @returns `undefined` when the bytes are anything else than one such object.
 */
export function jsonObject(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const text = UTF8.decode(bytes)
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
    if (!isShallow(value, MOST_LEVELS)) return undefined
    // A text that is written back the same has no name in it twice; most issuers write their JSON that way.
    if (JSON.stringify(value) === text) return value as Record<string, unknown>
    return writtenNames(text) === distinctNames(value) ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

function writtenNames(text: string): number {
  let count = 0
  for (const [, colon] of text.matchAll(STRING)) if (colon !== undefined) count++
  return count
}

function distinctNames(value: object): number {
  const members = Object.values(value)
  let count = Array.isArray(value) ? 0 : members.length
  for (const member of members) if (typeof member === 'object' && member !== null) count += distinctNames(member)
  return count
}
