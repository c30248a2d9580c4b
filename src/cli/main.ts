#!/usr/bin/env node
import { text } from 'node:stream/consumers'
import { runCommand } from './run-command.js'

const code = await runCommand(process.argv.slice(2), {
  out: (text) => process.stdout.write(`${text}\n`),
  err: (text) => process.stderr.write(`${text}\n`),
  env: process.env,
  cwd: process.cwd(),
  isTerminal: process.stdout.isTTY === true && (process.env['NO_COLOR'] ?? '') === '',
  input: () => text(process.stdin),
  clock: Date.now,
})
// A module that was loaded may have started something that would keep the process alive.
process.stdout.write('', () => process.exit(code))
