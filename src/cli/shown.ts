import { inspect } from 'node:util'

const LONGEST = 120

/** A value out of a token as text on one line: nothing in it can move the cursor or hide, and it isn't too long. */
export function shown(value: unknown): string {
  if (value === undefined) return 'absent'
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? inspect(value))
  const whole = visible(text)
  return whole.length > LONGEST ? `${whole.slice(0, LONGEST)}… (${whole.length} characters)` : whole
}

/** Text without anything that moves the cursor or hides: such characters are written out. */
export function visible(text: string): string {
  return text.replace(/[^\P{C}]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`)
}

/** Values as alternatives: `a or b`. */
export function either(values: readonly string[]): string {
  return values.length === 0 ? 'nothing' : values.map(shown).join(' or ')
}

/** Values as a list: `a, b`. */
export function listed(values: readonly string[]): string {
  return values.length === 0 ? 'none' : values.map(shown).join(', ')
}

const UNITS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const

/**
 * A moment, and how far away it is.
 *
 * @param time seconds since 1970, or whatever else a token says
 * @param now seconds since 1970
 */
export function moment(time: unknown, now: number): string {
  if (typeof time !== 'number' || !Number.isFinite(time) || Math.abs(time) > 8.64e12) return shown(time)
  return `${new Date(time * 1000).toISOString().replace('.000Z', 'Z')} (${distance(time - now)})`
}

function distance(seconds: number): string {
  const length = Math.abs(seconds)
  const [name, unit] = UNITS.find(([, size]) => length >= size) ?? ['second', 1]
  const count = Math.floor(length / unit)
  if (count === 0) return 'now'
  const text = `${count} ${name}${count === 1 ? '' : 's'}`
  return seconds < 0 ? `${text} ago` : `in ${text}`
}
