import { Command, CommanderError, Option } from 'commander'
import { AuthConfigurationError } from '../errors/auth-configuration-error.js'
import { CommandError } from './command-error.js'
import { type CommandIo, EXIT } from './command-io.js'
import { type ExplainOptions, explain } from './explain/explain.js'
import { claimAssignments, duration } from './option-parsers.js'
import { type RoutesOptions, routes } from './routes/routes.js'
import { type TokenOptions, token } from './token/token.js'

/**
 * Carries out one command line.
 *
 * @param args without `node` and the script
 * @returns the exit code: see {@link EXIT}
 */
export async function runCommand(args: readonly string[], io: CommandIo): Promise<number> {
  let code: number = EXIT.ok
  const program = new Command('inversify-koa-auth')
    .description('See who may call what, and prove it.')
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.out(text.trimEnd()), writeErr: (text) => io.err(text.trimEnd()) })
    .helpCommand(false)
    .addHelpText('after', '\nExit codes: 0 all is well, 1 something is not as it should be, 2 wrong use or settings.')
  program
    .command('routes')
    .description('print every route and who may call it')
    .argument('<module>', 'file that exports a container, or a function that makes one')
    .option('--export <name>', 'the export to use (default: default, container or createContainer)')
    .addOption(new Option('--json', 'print JSON').conflicts('markdown'))
    .option('--markdown', 'print a Markdown table')
    .option('--lock <file>', 'write who may call what to a lock file, for code review')
    .option('--check', 'compare with the lock file instead (default: authz.lock.json); exit 1 on a difference')
    .option('--explicit', 'exit 1 when a route has no security decorator')
    .action(async (module: string, options: RoutesOptions) => {
      code = await routes(module, options, io)
    })
  program
    .command('explain')
    .description('say why a token is accepted or refused, check by check; it is sent nowhere')
    .argument('<token>', 'the token, or - to read it from standard input, which leaves it out of the shell history')
    .option('--route <route>', 'what a route makes of its holder, such as "GET /orders/:id"; needs --module')
    .option('--jwks <file>', 'take the keys from a file: nothing is fetched')
    .option('--json', 'print JSON')
    .option('--module <file>', 'take the settings, keys and roles of the container that a file exports')
    .option('--export <name>', 'the export to use (default: default, container or createContainer)')
    .option('--config <file...>', 'configuration files (default: application.yaml where it exists)')
    .action(async (token: string, options: ExplainOptions) => {
      code = await explain(token, options, io)
    })
  program
    .command('token')
    .description(`print a development token, signed by a key in .auth-dev; for applications with auth_client.dev_keys`)
    .option('--sub <id>', 'who it is about', 'developer')
    .option('--role <name...>', 'roles, each where the settings look for them')
    .option('--group <name...>', 'groups')
    .option('--scope <name...>', 'scopes')
    .option('--permission <name...>', 'permissions')
    .option('--claim <path=value...>', 'any other claim; the value is JSON, or else text', claimAssignments)
    .option(
      '--expires-in <duration>',
      'how long it is good: 90s, 5m, 2h, 1d; with a minus, it has expired',
      duration,
      '8h',
    )
    .option('--issuer <url>', 'one of several issuers (default: the first)')
    .option('--module <file>', 'take the settings of the container that a file exports')
    .option('--export <name>', 'the export to use (default: default, container or createContainer)')
    .option('--config <file...>', 'configuration files (default: application.yaml where it exists)')
    .action(async (options: TokenOptions) => {
      code = await token(options, io)
    })
  try {
    await program.parseAsync([...args], { from: 'user' })
    return code
  } catch (error) {
    return failure(error, io)
  }
}

function failure(error: unknown, io: CommandIo): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.misused
  const isExpected = error instanceof CommandError || error instanceof AuthConfigurationError
  io.err(isExpected ? error.message : String((error as Error | undefined)?.stack ?? error))
  return EXIT.misused
}
