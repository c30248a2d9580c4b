/** A length of time in seconds, or as text: '90s', '5m', '2h', '1d'. Negative ones lie in the past. */
export type Duration = number | `${number}${'s' | 'm' | 'h' | 'd'}`

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }

/**
 * The seconds in a duration.
 *
 * @throws {TypeError} when it is neither a finite number nor text with one of the units.
 */
export function seconds(duration: Duration): number {
  if (typeof duration === 'number' && Number.isFinite(duration)) return duration
  const [, count, unit = ''] = /^(-?\d+(?:\.\d+)?)([smhd])$/.exec(String(duration)) ?? []
  const length = UNITS[unit]
  if (length === undefined)
    throw new TypeError("a duration is a number of seconds, or text such as '90s', '5m' or '-1h'")
  return Number(count) * length
}
