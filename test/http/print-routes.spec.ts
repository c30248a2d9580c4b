import Router from '@koa/router'
import { expect } from 'chai'
import { Container } from 'inversify'
import {
  AllowAnonymous,
  AuthModule,
  Controller,
  Get,
  KeySource,
  KoaModule,
  printRoutes,
  warmUp,
} from 'inversify-koa-auth'
import { TestIssuer } from 'inversify-koa-auth/testing'
import { describe, it } from 'mocha'
import { kit } from '../support/start-app.js'

@Controller('/tasks')
class TaskController {
  @Get() list() {}

  @Get('/health')
  @AllowAnonymous()
  health() {}
}

const ROUTES = [
  '',
  'METHOD  PATH           WHO MAY CALL       HANDLER',
  'GET     /tasks         any valid token *  TaskController.list',
  'GET     /tasks/health  anyone             TaskController.health',
  '',
  '* 1 route has no security decorator: the default holds. Where that is meant, say so with @Authenticated().',
]

function printed(container: Container): readonly string[] {
  const texts: string[] = []
  printRoutes(container, (text) => texts.push(text))
  expect(texts).to.have.length(1)
  return texts[0]?.split('\n') ?? []
}

function loaded(settings: ConstructorParameters<typeof AuthModule>[0]): Container {
  const container = new Container()
  container.load(
    new KoaModule({ controllers: [TaskController] }),
    new AuthModule({ env: {}, configFiles: [], audience: ['a', 'b'], ...settings }),
  )
  return container
}

describe('the routes printed at start-up', () => {
  it('tell the issuer, the audience and the keys as well', async () => {
    const issuer = await TestIssuer.start()
    try {
      const container = loaded({ issuer: issuer.url, jwksEndpoint: issuer.jwksUri })
      const head = [`Issuer    ${issuer.url}`, 'Audience  a, b']
      expect(printed(container)).to.deep.equal([...head, 'Keys      not fetched yet', ...ROUTES])
      await warmUp(container)
      expect(printed(container)).to.deep.equal([...head, 'Keys      1', ...ROUTES])
      await issuer.rotate({ keepOld: true })
      await container.unbindAll()
    } finally {
      await issuer.stop()
    }
  })

  it('tell all of several issuers', () => {
    const lines = printed(loaded({ issuers: [{ issuer: 'https://a.test' }, { issuer: 'https://b.test' }] }))
    expect(lines.slice(0, 6)).to.deep.equal(
      ['a', 'b'].flatMap((name) => [`Issuer    https://${name}.test`, 'Audience  a, b', 'Keys      not fetched yet']),
    )
  })

  for (const [what, several] of [
    ['one issuer', {}],
    ['several', { issuer: undefined, issuers: [{ issuer: 'https://a.test' }, { issuer: 'https://b.test' }] }],
  ] as const) {
    it(`say whose keys are not ours to count, with ${what}`, () => {
      const container = new Container()
      container.bind(KeySource).toConstantValue(kit.keySource)
      const settings = { issuer: 'https://a.test', audience: 'a', ...several, env: {}, configFiles: [] }
      container.load(new KoaModule({ controllers: [TaskController] }), new AuthModule(settings))
      const keys = printed(container).filter((line) => line.startsWith('Keys'))
      expect([...new Set(keys)]).to.deep.equal(["Keys      from the application's KeySource"])
    })
  }

  it('say so as well of a source that takes time to resolve', () => {
    const container = loaded({ issuer: 'https://a.test' })
    container.rebind(KeySource).toDynamicValue(async () => kit.keySource)
    expect(printed(container)[2]).to.equal("Keys      from the application's KeySource")
  })

  it("tell routes on the container's router that are no controller's", () => {
    const container = loaded({ issuer: 'https://a.test' })
    container.get<Router>(Router).get('/plain', (ctx) => {
      ctx.body = 'done'
    })
    expect(printed(container).slice(4)).to.deep.equal([
      'METHOD  PATH           WHO MAY CALL       HANDLER',
      'GET     /tasks         any valid token *  TaskController.list',
      'GET     /tasks/health  anyone             TaskController.health',
      'GET     /plain         any valid token    -',
      '',
      '* 1 route has no security decorator: the default holds. Where that is meant, say so with @Authenticated().',
      '- 1 route was added to the router by hand; what such code asks for besides is not known here.',
    ])
  })

  it('say aloud that security is off', () => {
    const [first] = printed(loaded({ enabled: false }))
    expect(first).to.equal('auth_client.enabled is false: every route is open and nothing is enforced.')
  })
})
