import { once } from 'node:events'
import type { Worker } from 'node:worker_threads'
import { expect } from 'chai'
import { after, before, describe, it } from 'mocha'
import { typescriptWorker } from '../support/typescript-worker.js'

/** What an attacker who can write to `Object.prototype` would put there. */
const POLLUTION = {
  agent: { sub: 'mallory', scopes: ['*'] },
  lifetime: { isOver: true },
  scopeWildcards: true,
  enforced: false,
  principal: { claims: { sub: 'mallory', scopes: [], groups: [], permissions: [] }, rawClaims: {}, roles: ['admin'] },
  role: 'admin',
  roles: ['admin'],
  unlessRole: 'user',
}

const REFUSED = 'InsufficientPermissionsError'
const UNKNOWN = 'MissingTokenError'
const NO_AGENT = 'AgentTokenMissingError'
const NOBODY = {
  sub: 'nobody',
  agent: 'none',
  mayRead: false,
  role: UNKNOWN,
  own: UNKNOWN,
  ownOrHidden: UNKNOWN,
  agentScope: NO_AGENT,
}
const ANN = { ...NOBODY, sub: 'ann', role: REFUSED, own: REFUSED, ownOrHidden: 'NotFoundError' }

describe('callers may neither more nor less', () => {
  let worker: Worker
  before(function () {
    this.timeout(60_000)
    worker = typescriptWorker(new URL('../support/polluted-worker.ts', import.meta.url))
    return once(worker, 'message')
  })
  after(() => worker.terminate())

  for (const [what, pollution] of [
    ['with prototypes as they are', {}],
    ...Object.entries(POLLUTION).map(([name, value]) => [`when every object has a member ${name}`, { [name]: value }]),
    ['when every object has them all', POLLUTION],
  ] as const) {
    it(`${what}`, async () => {
      worker.postMessage(pollution)
      const [seen] = await once(worker, 'message')
      expect(seen).to.deep.equal({
        answers: {
          '/orders/scope': 403,
          '/orders/role': 403,
          '/orders/agent': 401,
          '/orders/seen': { ...ANN, bound: ANN },
          '/nowhere': 404,
        },
        outside: NOBODY,
        bound: NOBODY,
        nobody: NOBODY,
        identity: ANN,
        agent: NOBODY,
      })
    })
  }
})
