import { AuthConfigurationError } from '../errors/auth-configuration-error.js'

/**
 * Refuses what can't hold options at all.
 *
 * @param module whose options they are
 * @param example what would be right
 * @throws {AuthConfigurationError} when it is no object, or a list.
 */
export function assertOptions(module: string, options: unknown, example: string): void {
  if (typeof options === 'object' && options !== null && !Array.isArray(options)) return
  throw new AuthConfigurationError([{ where: module, message: `takes an object: ${example}` }])
}
