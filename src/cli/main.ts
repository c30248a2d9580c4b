#!/usr/bin/env node
import { text } from 'node:stream/consumers'
import { reserveOutput } from './reserve-output.js'
import { runCommand } from './run-command.js'

const print = reserveOutput()
const code = await runCommand(process.argv.slice(2), {
  out: (text) => print(`${text}\n`),
  err: (text) => process.stderr.write(`${text}\n`),
  env: process.env,
  cwd: process.cwd(),
  isTerminal: process.stdout.isTTY === true && (process.env['NO_COLOR'] ?? '') === '',
  input: () => text(process.stdin),
  clock: Date.now,
})
// A module that was loaded may have started something that would keep the process alive.
print('', () => process.exit(code))
