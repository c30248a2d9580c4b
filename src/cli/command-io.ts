import type { Clock } from '../authentication/clock.js'

/** What a command is run with. */
export interface CommandIo {
  /** Prints a line of what was asked for. */
  readonly out: (text: string) => void
  /** Prints a line of complaint. */
  readonly err: (text: string) => void
  readonly env: NodeJS.ProcessEnv
  /** Relative paths start here. */
  readonly cwd: string
  /** Whether somebody reads the output on a terminal, and has not set `NO_COLOR`: then it has colours. */
  readonly isTerminal: boolean
  /** All that comes from standard input. */
  readonly input: () => Promise<string>
  readonly clock: Clock
}

/** What a command ends with. */
export const EXIT = {
  /** All is well. */
  ok: 0,
  /** What was to be found out is not as it should be. */
  findings: 1,
  /** The command couldn't be carried out: wrong arguments, a module that doesn't load, wrong settings. */
  misused: 2,
  /** What was to be found out depends on something that is not asked here. */
  undecided: 3,
} as const
