/** A worker thread: does the work of one message, as the caller it came with, and answers with what it saw. */
import { parentPort } from 'node:worker_threads'
import { IdentityEnvelopeError, runWithIdentity, SecurityContext } from 'inversify-koa-auth'
import 'reflect-metadata'

parentPort?.postMessage('ready')
parentPort?.on('message', (text: string) => {
  try {
    const { identity } = JSON.parse(text)
    const seen = runWithIdentity(identity, look, { maxAgeSeconds: 60 })
    parentPort?.postMessage({ ...seen, afterwards: SecurityContext.isAuthenticated() })
  } catch (error) {
    parentPort?.postMessage({ refused: error instanceof IdentityEnvelopeError ? error.code : 'otherwise' })
  }
})

function look(): object {
  const { sub, groups } = SecurityContext.require()
  return { sub, groups, roles: SecurityContext.getRoles(), isUser: SecurityContext.hasRole('user') }
}
