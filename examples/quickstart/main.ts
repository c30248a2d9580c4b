import { printRoutes, warmUp } from 'inversify-koa-auth'
import { type Command, readCommandLine, USAGE, UsageError } from './command-line.js'
import { type Demo, startDemo } from './demo.js'
import { printGuide } from './print-guide.js'
import { runOnce } from './run-once.js'
import { stopSignal } from './stop-signal.js'

const OK = 0
const FAILED = 1
const MISUSED = 2
const ANY_FREE_PORT = 0

process.exitCode = await main().catch(explain)

async function main(): Promise<number> {
  const command = readCommandLine(process.argv.slice(2), process.env)
  if (command.kind === 'help') {
    print(USAGE)
    return OK
  }
  const demo = await startDemo(command.kind === 'serve' ? command.port : ANY_FREE_PORT)
  try {
    await warmUp(demo.container)
    printRoutes(demo.container, print)
    print(`\nThe API is at ${demo.origin}\n`)
    return await run(command, demo)
  } finally {
    await demo.stop()
  }
}

async function run(command: Command, demo: Demo): Promise<number> {
  if (command.kind === 'once') return (await runOnce(demo, print)) ? OK : FAILED
  const stopped = stopSignal()
  await printGuide(demo, print)
  print(`Ctrl-C stops both.${process.stdout.isTTY ? '' : ` Or: kill ${process.pid}`}`)
  await stopped
  print('Stopping.')
  return OK
}

function explain(error: unknown): number {
  if (error instanceof UsageError) {
    process.stderr.write(`${error.message}\n\n${USAGE}\n`)
    return MISUSED
  }
  process.stderr.write(`${portIsTaken(error) ?? (error as Error).stack}\n`)
  return FAILED
}

function portIsTaken(error: unknown): string | undefined {
  const { code, port } = error as NodeJS.ErrnoException & { port?: number }
  if (code !== 'EADDRINUSE') return undefined
  return `Port ${port} is taken. Choose another one, or 0 for any that is free: PORT=0 npm start`
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
