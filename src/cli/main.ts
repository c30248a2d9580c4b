#!/usr/bin/env node
import { runCommand } from './run-command.js'

const code = await runCommand(process.argv.slice(2), {
  out: (text) => process.stdout.write(`${text}\n`),
  err: (text) => process.stderr.write(`${text}\n`),
  env: process.env,
  cwd: process.cwd(),
  isTerminal: process.stdout.isTTY === true,
})
// A module that was loaded may have started something that would keep the process alive.
process.stdout.write('', () => process.exit(code))
