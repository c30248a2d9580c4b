/** A worker thread, with prototypes of its own: looks at what callers may while its `Object.prototype` is polluted. */
import { parentPort } from 'node:worker_threads'
import {
  AgentContext,
  Controller,
  Get,
  RequiresAgentScope,
  RequiresRole,
  RequiresScope,
  runWithIdentity,
  SecurityContext,
} from 'inversify-koa-auth'
import 'reflect-metadata'
import { envelope } from './envelope.js'
import { kit, startApp } from './start-app.js'

@Controller('/orders')
class OrderController {
  @Get('/scope') @RequiresScope('orders:read') scope() {}
  @Get('/role') @RequiresRole('admin') role() {}
  @Get('/agent') @RequiresAgentScope('orders:read') agent() {}
  @Get('/seen') seen() {
    return { ...look(), bound: SecurityContext.bind(look)() }
  }
}

const app = await startApp({ controllers: [OrderController] })
const token = await kit.makeToken({ sub: 'ann', roles: ['user'], scope: 'orders:*' })
parentPort?.postMessage('ready')
parentPort?.on('message', async (pollution: object) => {
  Object.assign(Object.prototype, pollution)
  parentPort?.postMessage(await everything())
  for (const name of Object.keys(pollution)) Reflect.deleteProperty(Object.prototype, name)
})

async function everything(): Promise<object> {
  const answers: Record<string, unknown> = {}
  for (const path of ['/orders/scope', '/orders/role', '/orders/agent', '/orders/seen', '/nowhere']) {
    const response = await app.get(path, { token })
    answers[path] = response.status === 200 ? await response.json() : response.status
  }
  return {
    answers,
    outside: look(),
    bound: SecurityContext.bind(look)(),
    nobody: SecurityContext.run(undefined, look),
    identity: runWithIdentity(envelope({ scopeWildcards: false }), look, { maxAgeSeconds: 60 }),
    agent: AgentContext.run(undefined, look),
  }
}

function look(): object {
  return {
    sub: SecurityContext.get()?.sub ?? 'nobody',
    agent: AgentContext.get()?.sub ?? 'none',
    mayRead: SecurityContext.hasScope('orders:read'),
    role: outcome(() => SecurityContext.requireRole('admin')),
    own: outcome(() => SecurityContext.requireOwner('bob')),
    ownOrHidden: outcome(() => SecurityContext.requireOwner('bob', { hide: true })),
    agentScope: outcome(() => AgentContext.requireScope('orders:read')),
  }
}

function outcome(work: () => void): string {
  try {
    work()
    return 'may'
  } catch (error) {
    return (error as Error).name
  }
}
