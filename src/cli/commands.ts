import { Command, Option } from 'commander'
import type { CommandIo } from './command-io.js'
import { type DoctorOptions, doctor } from './doctor/doctor.js'
import { type ExplainOptions, explain } from './explain/explain.js'
import { claimAssignments, duration } from './option-parsers.js'
import { type RoutesOptions, routes } from './routes/routes.js'
import { type TokenOptions, token } from './token/token.js'

/**
 * Everything that can be asked for, in the order of the help.
 *
 * @param exit takes the exit code of the command that was carried out
 */
export function commands(io: CommandIo, exit: (code: number) => void): readonly Command[] {
  return [
    withExport(new Command('routes'))
      .description('print every route and who may call it')
      .argument('<module>', 'file that exports a container, or a function that makes one')
      .addOption(new Option('--json', 'print JSON').conflicts(['markdown', 'lock', 'check']))
      .addOption(new Option('--markdown', 'print a Markdown table').conflicts(['lock', 'check']))
      .option('--lock <file>', 'write who may call what to a lock file, for code review')
      .option('--check', 'compare with the lock file instead (default: authz.lock.json)')
      .option('--explicit', 'see to it that every method of a controller has a security decorator')
      .addHelpText(
        'after',
        exitCodes(
          '0 the routes are printed, written, or as the lock file says',
          '1 --check finds a difference, or that nothing is enforced; --explicit finds a route without a decorator',
          '2 wrong use, or a module or lock file that is of no use',
        ),
      )
      .action(async (module: string, options: RoutesOptions) => exit(await routes(module, options, io))),

    withSettings(new Command('explain'))
      .description('say why a token is accepted or refused, check by check; it is sent nowhere')
      .argument('<token>', 'the token, or - to read it from standard input, which leaves it out of the shell history')
      .option('--route <route>', 'what a route makes of its holder, such as "GET /orders/:id"; needs --module')
      .option('--jwks <file>', 'take the keys from a file: nothing is fetched')
      .option('--json', 'print JSON')
      .addHelpText(
        'after',
        exitCodes(
          '0 the token is good; with --route, its holder is let in',
          '1 the token is refused; with --route, its holder is',
          "2 wrong use or settings, or the issuer's keys can't be had",
          "3 undecided: with --route, it is up to policies or to an agent's token, which are not asked here",
        ),
      )
      .action(async (text: string, options: ExplainOptions) => exit(await explain(text, options, io))),

    withSettings(new Command('doctor'))
      .description('look at the settings and at what they point to: issuers, keys, clocks')
      .option('--strict', 'take a warning for a problem')
      .option('--json', 'print JSON')
      .addHelpText(
        'after',
        exitCodes(
          '0 there is no problem; with --strict, no warning either',
          '1 there is one',
          "2 wrong use, or settings that can't be read",
        ),
      )
      .action(async (options: DoctorOptions) => exit(await doctor(options, io))),

    withSettings(new Command('token'))
      .description(
        'print a development token, signed by a key in .auth-dev; for applications with auth_client.dev_keys',
      )
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
      .addHelpText(
        'after',
        exitCodes(
          '0 a token is printed that the application accepts, once auth_client.dev_keys is true',
          '1 a token is printed that the application would refuse',
          '2 wrong use or settings; nothing is printed',
        ),
      )
      .action(async (options: TokenOptions) => exit(await token(options, io))),
  ]
}

function withSettings(command: Command): Command {
  const files = new Option('--config <file...>', 'configuration files (default: application.yaml where it exists)')
  return withExport(
    command
      .option('--module <file>', 'take everything from the container that a file exports')
      .addOption(files.conflicts('module')),
  )
}

function withExport(command: Command): Command {
  return command.option('--export <name>', 'the export to use (default: default, container or createContainer)')
}

function exitCodes(...meanings: readonly string[]): string {
  return ['', 'Exit codes:', ...meanings.map((meaning) => `  ${meaning}`)].join('\n')
}
