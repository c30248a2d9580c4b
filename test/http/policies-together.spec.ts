import { expect } from 'chai'
import {
  allOf,
  anyOf,
  type Condition,
  Controller,
  Get,
  not,
  type Policy,
  policy,
  Requires,
  RequiresPolicy,
  type SecurityDecorator,
} from 'inversify-koa-auth'
import { after, before, describe, it } from 'mocha'
import { expectProblem } from '../support/expect-problem.js'
import { kit, type RunningApp, startApp } from '../support/start-app.js'

class Permits implements Policy {
  permits(): boolean {
    return true
  }
}

class Refuses implements Policy {
  permits(): boolean {
    return false
  }
}

class Throws implements Policy {
  permits(): boolean {
    throw new Error('out of order')
  }
}

class Hangs implements Policy {
  permits(): Promise<boolean> {
    return new Promise(() => undefined)
  }
}

const [permits, refuses, throws, hangs] = [policy(Permits), policy(Refuses), policy(Throws), policy(Hangs)]

interface Row {
  readonly rules: readonly SecurityDecorator[]
  /** Where there is a text, the answer is 403 and says this. */
  readonly answer: 200 | 503 | string
  readonly missing?: readonly string[]
}

const when = (condition: Condition, answer: Row['answer'], missing?: readonly string[]): Row => ({
  rules: [Requires(condition)],
  answer,
  ...(missing && { missing }),
})

const each = (name: string) => `one of policies: ${name}`

const TABLE: Readonly<Record<string, Row>> = {
  '@RequiresPolicy(Refuses, Throws)': {
    rules: [RequiresPolicy(Refuses, Throws)],
    answer: 'Requires one of policies: Refuses, Throws',
    missing: ['Refuses', 'Throws'],
  },
  '@RequiresPolicy(Throws, Permits)': { rules: [RequiresPolicy(Throws, Permits)], answer: 200 },
  '@RequiresPolicy(Throws, Hangs)': { rules: [RequiresPolicy(Throws, Hangs)], answer: 503 },
  '@RequiresPolicy(Hangs, Refuses)': { rules: [RequiresPolicy(Hangs, Refuses)], answer: 503 },
  '@RequiresPolicy(Throws) @RequiresPolicy(Hangs)': {
    rules: [RequiresPolicy(Throws), RequiresPolicy(Hangs)],
    answer: `Requires ${each('Throws')}; and ${each('Hangs')}`,
    missing: ['Throws', 'Hangs'],
  },

  'allOf(throws, hangs)': when(allOf(throws, hangs), `Requires all of (${each('Throws')}; ${each('Hangs')})`, [
    'Throws',
    'Hangs',
  ]),
  'allOf(hangs, refuses)': when(allOf(hangs, refuses), `Requires all of (${each('Hangs')}; ${each('Refuses')})`, [
    'Hangs',
    'Refuses',
  ]),
  'allOf(permits, throws)': when(allOf(permits, throws), `Requires ${each('Throws')}`, ['Throws']),
  'allOf(permits, hangs)': when(allOf(permits, hangs), 503),

  'anyOf(throws, refuses)': when(anyOf(throws, refuses), `Requires any of (${each('Throws')}; ${each('Refuses')})`, [
    'Throws',
    'Refuses',
  ]),
  'anyOf(throws, hangs)': when(anyOf(throws, hangs), 503),
  'anyOf(hangs, refuses)': when(anyOf(hangs, refuses), 503),
  'anyOf(throws, hangs, permits)': when(anyOf(throws, hangs, permits), 200),

  'not(throws)': when(not(throws), 'Requires none of policies: Throws'),
  'not(hangs)': when(not(hangs), 503),
  'not(not(throws))': when(not(not(throws)), `Requires ${each('Throws')}`, ['Throws']),
  'not(not(hangs))': when(not(not(hangs)), 503),
  'not(allOf(throws, refuses))': when(not(allOf(throws, refuses)), 200),
  'not(allOf(hangs, refuses))': when(not(allOf(hangs, refuses)), 200),
  'not(allOf(throws, hangs))': when(
    not(allOf(throws, hangs)),
    `Requires not all of (${each('Throws')}; ${each('Hangs')})`,
  ),
  'not(allOf(throws, permits))': when(
    not(allOf(throws, permits)),
    `Requires not all of (${each('Throws')}; ${each('Permits')})`,
  ),
  'not(allOf(hangs, permits))': when(not(allOf(hangs, permits)), 503),
  'not(anyOf(throws, permits))': when(
    not(anyOf(throws, permits)),
    `Requires not any of (${each('Throws')}; ${each('Permits')})`,
  ),
  'not(anyOf(hangs, permits))': when(
    not(anyOf(hangs, permits)),
    `Requires not any of (${each('Hangs')}; ${each('Permits')})`,
  ),
  'not(anyOf(hangs, refuses))': when(not(anyOf(hangs, refuses)), 503),
  'not(anyOf(throws, hangs))': when(not(anyOf(throws, hangs)), 503),
  'allOf(not(throws), not(hangs))': when(
    allOf(not(throws), not(hangs)),
    'Requires all of (none of policies: Throws; none of policies: Hangs)',
  ),
  'anyOf(not(throws), not(hangs))': when(anyOf(not(throws), not(hangs)), 503),
  'anyOf(not(throws), not(refuses))': when(anyOf(not(throws), not(refuses)), 200),
  'anyOf(allOf(throws, hangs), hangs)': when(anyOf(allOf(throws, hangs), hangs), 503),
  'allOf(anyOf(throws, hangs), throws)': when(
    allOf(anyOf(throws, hangs), throws),
    `Requires all of (any of (${each('Throws')}; ${each('Hangs')}); ${each('Throws')})`,
    ['Throws', 'Hangs'],
  ),
}

/** A controller with one route, under these rules. */
function controller(path: string, rules: Row['rules']) {
  class Asking {
    get() {
      return 'let in'
    }
  }
  const descriptor = Object.getOwnPropertyDescriptor(Asking.prototype, 'get') as PropertyDescriptor
  for (const rule of rules.toReversed()) rule(Asking.prototype, 'get', descriptor)
  Get()(Asking.prototype, 'get', descriptor)
  Controller(path)(Asking)
  return Asking
}

describe('policies together', () => {
  let app: RunningApp
  let token: string
  before(async () => {
    const controllers = Object.values(TABLE).map(({ rules }, number) => controller(`/${number}`, rules))
    const bind = (container: RunningApp['container']) => {
      for (const each of [Permits, Refuses, Throws, Hangs]) container.bind<Policy>(each).toSelf()
    }
    app = await startApp({ controllers, settings: { decisionTimeoutMs: 30 }, bind })
    token = await kit.makeToken()
  })
  after(() => app.stop())

  for (const [number, [rule, { answer, missing }]] of Object.entries(TABLE).entries()) {
    it(`${rule} makes ${typeof answer === 'string' ? 403 : answer}`, async () => {
      const response = await app.get(`/${number}`, { token })
      if (answer === 200) {
        expect(await response.text()).to.equal('let in')
      } else if (answer === 503) {
        await expectProblem(response, {
          status: 503,
          detail: 'Authorization is temporarily unavailable',
          code: 'decision_unavailable',
        })
      } else {
        const problem = await expectProblem(response, {
          status: 403,
          detail: answer,
          code: 'insufficient_permissions',
          challenge: 'Bearer error="insufficient_scope"',
        })
        expect(problem['missing']).to.deep.equal(missing && { policies: missing })
      }
      expect(app.errors).to.deep.equal([])
    })
  }
})
