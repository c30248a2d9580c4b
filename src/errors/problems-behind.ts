import { AuthConfigurationError, type ConfigurationProblem } from './auth-configuration-error.js'

/** The problems of the AuthConfigurationError that an error is, or was caused by. None where there is no such error. */
export function problemsBehind(error: unknown): readonly ConfigurationProblem[] {
  const passed = new Set<unknown>()
  for (let behind = error; behind instanceof Error && !passed.has(behind); behind = behind.cause) {
    if (behind instanceof AuthConfigurationError) return behind.problems
    passed.add(behind)
  }
  return []
}
