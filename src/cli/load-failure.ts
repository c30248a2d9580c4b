import { fileURLToPath } from 'node:url'
import { CommandError } from './command-error.js'

/** Where the command itself is, as stacks may spell it. */
const OURS = [import.meta.url, fileURLToPath(import.meta.url)].map((path) => path.replace(/[^\\/]*$/, ''))

/**
 * What to say of a module that can't be loaded, or whose function fails: its own words, and the lines of the
 * application that led there. Those of Node.js, of packages and of the command are left out.
 *
 * @param hint what may help
 */
export function loadFailure(module: string, error: unknown, hint?: string): CommandError {
  const { name, message, stack } = Object(error ?? {}) as Partial<Error>
  // It says all there is to say, whichever copy of this package it comes from.
  if (name === 'AuthConfigurationError') return new CommandError(`${module}: ${message}`, { cause: error })
  const lines = [`${module}: it can't be loaded: ${message ?? String(error)}`, ...applicationsFrames(stack)]
  return new CommandError([...lines, ...(hint === undefined ? [] : [hint])].join('\n'), { cause: error })
}

/**
 * Down to where the command called, which is of no interest to whoever wrote the module. For an error of syntax, Node.js
 * writes the place above the message, if it tells at all.
 */
function applicationsFrames(stack = ''): readonly string[] {
  const [first = '', ...others] = stack.split('\n')
  const place = /^(file:|[\\/]|[A-Z]:).*:\d+$/.test(first) ? [`    at ${first}`] : []
  const end = others.findIndex((line) => OURS.some((folder) => line.includes(folder)))
  return [...place, ...others.slice(0, end === -1 ? undefined : end).filter(isApplications)]
}

function isApplications(line: string): boolean {
  return /^\s+at .*:\d+:\d+\)?$/.test(line) && !/node:|[\\/]node_modules[\\/]/.test(line)
}
