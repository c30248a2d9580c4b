import { AuthError } from './auth-error.js'

/** One thing to put right before the application can start. */
export interface ConfigurationProblem {
  /** Where it is: a setting (`auth_client.issuer`), a file, or a controller's method (`TaskController.remove`). */
  readonly where: string
  /** The environment variable that sets it, where there is one. */
  readonly env?: string
  /** What is wrong and what would be right. Never holds the value that was found. */
  readonly message: string
}

/** The application can't start safely. Lists everything that is wrong at once. */
export class AuthConfigurationError extends AuthError {
  override readonly name = 'AuthConfigurationError'
  override readonly expose = false
  readonly status = 500
  readonly code = 'configuration_invalid'

  constructor(
    readonly problems: readonly ConfigurationProblem[],
    options?: ErrorOptions,
  ) {
    super(['The application cannot be secured as configured:', ...problems.map(line)].join('\n'), options)
  }
}

function line({ where, env, message }: ConfigurationProblem): string {
  return env === undefined ? `  - ${where}: ${message}` : `  - ${where} (${env}): ${message}`
}
