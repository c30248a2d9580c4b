import { isMapping } from './mapping.js'

/** Values by claim path, whether they are right or not: that is said elsewhere. */
type ClaimRules = Readonly<Record<string, unknown>>

/**
 * What two places require of claims, together. Where both name a claim, the second one's values count; that there has to
 * be any value is less than a list of values, and takes the place of none.
 */
export function requiredTogether(first: unknown, second: unknown): ClaimRules {
  return together(first, second, (others, values) => (values === true ? others : values))
}

/** What two places refuse, together: every value that either of them names. */
export function refusedTogether(first: unknown, second: unknown): ClaimRules {
  return together(first, second, (others, values) =>
    Array.isArray(others) && Array.isArray(values) ? [...new Set([...others, ...values])] : values,
  )
}

function together(first: unknown, second: unknown, both: (others: unknown, values: unknown) => unknown): ClaimRules {
  const rules = isMapping(first) ? first : {}
  const more = Object.entries(isMapping(second) ? second : {}).map(([path, values]) => {
    return [path, Object.hasOwn(rules, path) ? both(rules[path], values) : values] as const
  })
  return Object.fromEntries([...Object.entries(rules), ...more])
}
