import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { AuthConfigurationError } from '../errors/auth-configuration-error.js'
import { CommandError } from './command-error.js'
import { type CommandIo, EXIT } from './command-io.js'
import { commands } from './commands.js'

const EXIT_CODES = `
Exit codes: 0 all is well, 1 something is not as it should be, 2 wrong use or settings, 3 undecided.
What that comes to is in each command's own help, such as: inversify-koa-auth explain --help`

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
    .version(version(), '--version', 'print the version of the package')
    .addHelpText('after', EXIT_CODES)
  const exit = (result: number): void => {
    code = result
  }
  for (const command of commands(io, exit)) program.addCommand(command.copyInheritedSettings(program))
  try {
    await program.parseAsync([...args], { from: 'user' })
    return code
  } catch (error) {
    return failure(error, io)
  }
}

function version(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(manifest) as { readonly version: string }).version
}

function failure(error: unknown, io: CommandIo): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.misused
  const isExpected = error instanceof CommandError || error instanceof AuthConfigurationError
  io.err(isExpected ? error.message : String((error as Error | undefined)?.stack ?? error))
  return EXIT.misused
}
