import { expect } from 'chai'
import { Container } from 'inversify'
import { AllowAnonymous, AuthModule, Controller, Get, KoaModule, printRoutes, warmUp } from 'inversify-koa-auth'
import { TestIssuer } from 'inversify-koa-auth/testing'
import { describe, it } from 'mocha'

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

  it('say aloud that security is off', () => {
    const [first] = printed(loaded({ enabled: false }))
    expect(first).to.equal('auth_client.enabled is false: every route is open and nothing is enforced.')
  })
})
