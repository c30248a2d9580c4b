import type { IssuerSettings } from '../../config/auth-client-settings.js'
import { type Finding, ok, warning } from './finding.js'

/** An answer, and when it came, in milliseconds. */
export interface TimedAnswer {
  readonly headers: Headers
  readonly at: number
}

/**
 * Whether an issuer's clock is ours, by the header `Date` of its last answer; nothing where it has none.
 *
 * Only an answer that comes from the issuer itself tells: a cache may send its `Date` of long ago along, or one of its
 * own, and says by `Age` that it is a cache (RFC 9111, sections 4.2.3 and 5.1).
 */
export function clockFindings(
  answers: readonly TimedAnswer[],
  { clockToleranceSeconds: tolerance }: Pick<IssuerSettings, 'clockToleranceSeconds'>,
): readonly Finding[] {
  const last = answers.findLast(({ headers }) => /^0*$/.test(headers.get('age') ?? ''))
  if (last === undefined) return answers.length === 0 ? [] : [ok("its clock can't be told: a cache answers for it")]
  const theirs = Date.parse(last.headers.get('date') ?? '')
  if (Number.isNaN(theirs)) return []
  // The header tells whole seconds, rounded down.
  const difference = Math.round((theirs - last.at) / 1000)
  const seconds = Math.abs(difference)
  if (seconds <= Math.max(tolerance, 1)) return [ok(`its clock and ours agree to within ${Math.max(seconds, 1)} s`)]
  const found = `its clock is ${seconds} s ${difference > 0 ? 'ahead of' : 'behind'} ours; ${tolerance} s are tolerated`
  const todo = 'synchronise the clocks (NTP): good tokens may be refused as expired or not valid yet.'
  return [warning(found, todo)]
}
