import { InvalidArgumentError } from 'commander'
import { type Duration, seconds } from '../testing/seconds.js'

/** `path=value`, any number of times. A value that is JSON counts as what it says, any other as text. */
export function claimAssignments(text: string, previous?: ReadonlyMap<string, unknown>): ReadonlyMap<string, unknown> {
  const [, path, value] = /^([^=]+)=(.*)$/s.exec(text) ?? []
  if (path === undefined || value === undefined) throw new InvalidArgumentError('It has to be path=value.')
  return new Map(previous).set(path, jsonOrText(value))
}

/** A length of time: `90s`, `5m`, `2h`, `1d`. */
export function duration(text: string): Duration {
  try {
    seconds(text as Duration)
    return text as Duration
  } catch {
    throw new InvalidArgumentError('It has to be a number with a unit, such as 90s, 5m, 2h or 1d.')
  }
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
