const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Claims nest a few levels deep. */
const MOST_LEVELS = 64

const QUOTE = '"'.charCodeAt(0)
const BACKSLASH = '\\'.charCodeAt(0)
const COLON = ':'.charCodeAt(0)

/**
 * Reads a JSON object from bytes, refusing what two parsers could read differently:
 * invalid UTF-8, a byte order mark, and member names that occur twice in one object (RFC 8725, section 2.4;
 * RFC 7519, section 4). Neither may it nest more than 64 levels deep.
 *
 * @returns `undefined` when the bytes are anything else than one such object.
 */
export function jsonObject(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(UTF8.decode(bytes))
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
    return namesIn(value, MOST_LEVELS) === writtenNames(bytes) ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

/** How many member names valid JSON has: each is followed by a colon, which stands nowhere else outside of texts. */
function writtenNames(json: Uint8Array): number {
  let names = 0
  let isInText = false
  for (let i = 0; i < json.length; i++) {
    const byte = json[i]
    if (byte === QUOTE) isInText = !isInText
    else if (byte === BACKSLASH) i++
    else if (byte === COLON && !isInText) names++
  }
  return names
}

/** How many members a value and everything in it have; no number where it nests more than so many levels deep. */
function namesIn(value: object, levels: number): number {
  if (levels === 0) return Number.NaN
  const members: readonly unknown[] = Object.values(value)
  let names = Array.isArray(value) ? 0 : members.length
  for (const member of members) if (typeof member === 'object' && member !== null) names += namesIn(member, levels - 1)
  return names
}
