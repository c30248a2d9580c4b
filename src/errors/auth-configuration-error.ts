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

/** What Node.js would print below a message that says it all. */
const SAID_ALREADY = ['name', 'expose', 'status', 'code', 'headers', 'extensions', 'problems']

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
    for (const member of SAID_ALREADY) Object.defineProperty(this, member, { enumerable: false })
  }
}

function line({ where, env, message }: ConfigurationProblem): string {
  return env === undefined ? `  - ${where}: ${message}` : `  - ${where} (${env}): ${message}`
}
