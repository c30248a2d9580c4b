import { parseArgs } from 'node:util'

export type Command =
  | { readonly kind: 'serve'; readonly port: number }
  | { readonly kind: 'once' }
  | { readonly kind: 'help' }

/** What was typed makes no sense; the message says what would. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

export const USAGE = `Usage: npm start -- [options]

Starts an OpenID Provider and an API it protects, and prints commands to try.

  --once    make the calls, compare the answers, rotate the provider's key, and exit:
            0 when every answer was as expected, 1 otherwise
  --help    print this text

The API listens on 127.0.0.1:3000, or on the port in the environment variable PORT.
With --once it takes a free one.`

const DEFAULT_PORT = 3000

/** @throws {UsageError} for an unknown option, an argument, or a PORT that is not a port. */
export function readCommandLine(args: readonly string[], env: NodeJS.ProcessEnv): Command {
  const { help, once } = parse(args)
  if (help) return { kind: 'help' }
  if (once) return { kind: 'once' }
  return { kind: 'serve', port: readPort(env['PORT']) }
}

function parse(args: readonly string[]) {
  try {
    const options = { once: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } as const
    return parseArgs({ args: [...args], options }).values
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error })
  }
}

function readPort(value: string | undefined): number {
  if (value === undefined || value === '') return DEFAULT_PORT
  const port = /^\d{1,5}$/.test(value) ? Number(value) : Number.NaN
  if (!(port <= 65_535)) throw new UsageError(`PORT must be a number from 0 to 65535, not '${value}'`)
  return port
}
