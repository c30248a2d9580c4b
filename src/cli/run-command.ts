import { Command, CommanderError, Option } from 'commander'
import { AuthConfigurationError } from '../errors/auth-configuration-error.js'
import { CommandError } from './command-error.js'
import { type CommandIo, EXIT } from './command-io.js'
import { type RoutesOptions, routes } from './routes/routes.js'

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
