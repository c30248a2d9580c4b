import { runCommand } from '../../src/cli/run-command.js'

/** What a command has printed, and what it ended with. */
export interface CommandResult {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** What a command is run with. */
export interface CommandSurroundings {
  readonly cwd: string
  readonly env?: NodeJS.ProcessEnv
  readonly input?: string
  readonly clock?: () => number
  readonly isTerminal?: boolean
}

/** Runs one command line in this process. */
export async function runIn(
  { cwd, env = {}, input = '', clock = Date.now, isTerminal = false }: CommandSurroundings,
  ...args: readonly string[]
): Promise<CommandResult> {
  const out: string[] = []
  const err: string[] = []
  const code = await runCommand(args, {
    out: (text) => out.push(text),
    err: (text) => err.push(text),
    env,
    cwd,
    isTerminal,
    input: async () => input,
    clock,
  })
  return { code, out: out.join('\n'), err: err.join('\n') }
}
