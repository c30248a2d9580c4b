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
      .addOption(new Option('--json', 'print JSON').conflicts('markdown'))
      .option('--markdown', 'print a Markdown table')
      .option('--lock <file>', 'write who may call what to a lock file, for code review')
      .option('--check', 'compare with the lock file instead (default: authz.lock.json); exit 1 on a difference')
      .option('--explicit', 'exit 1 when a route has no security decorator')
      .action(async (module: string, options: RoutesOptions) => exit(await routes(module, options, io))),

    withSettings(new Command('explain'))
      .description('say why a token is accepted or refused, check by check; it is sent nowhere')
      .argument('<token>', 'the token, or - to read it from standard input, which leaves it out of the shell history')
      .option('--route <route>', 'what a route makes of its holder, such as "GET /orders/:id"; needs --module')
      .option('--jwks <file>', 'take the keys from a file: nothing is fetched')
      .option('--json', 'print JSON')
      .action(async (text: string, options: ExplainOptions) => exit(await explain(text, options, io))),

    withSettings(new Command('doctor'))
      .description('look at the settings and at what they point to: issuers, keys, clocks; exit 1 for a problem')
      .option('--strict', 'exit 1 for a warning, too')
      .option('--json', 'print JSON')
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
      .action(async (options: TokenOptions) => exit(await token(options, io))),
  ]
}

function withSettings(command: Command): Command {
  return withExport(
    command
      .option('--module <file>', 'take everything from the container that a file exports')
      .option('--config <file...>', 'configuration files (default: application.yaml where it exists)'),
  )
}

function withExport(command: Command): Command {
  return command.option('--export <name>', 'the export to use (default: default, container or createContainer)')
}
