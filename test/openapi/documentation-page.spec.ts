import { createRequire } from 'node:module'
import { expect } from 'chai'
import { Container } from 'inversify'
import {
  AuthConfigurationError,
  AuthModule,
  Controller,
  Get,
  KoaModule,
  OpenApiModule,
  type OpenApiOptions,
  RouteTable,
} from 'inversify-koa-auth'
import { authorizationMatrix, TestIssuer } from 'inversify-koa-auth/testing'
import Koa from 'koa'
import { after, afterEach, before, describe, it } from 'mocha'
import { findSwaggerUi } from '../../src/openapi/swagger-ui.js'
import { eventually } from '../keys/eventually.js'
import { rawExchange } from '../support/raw-exchange.js'
import { kit, loadContainer, type RunningApp, serve } from '../support/start-app.js'

@Controller('/tasks')
class TaskController {
  @Get()
  list() {
    return []
  }
}

const TITLE = `Tasks <script>alert("1")</script> & 'more'`

describe('the page of the API documentation', () => {
  let app: RunningApp | undefined
  afterEach(async () => {
    await app?.stop()
    app = undefined
  })

  const load = (options: Partial<OpenApiOptions> = {}, settings = {}) => {
    const container = loadContainer({ controllers: [TaskController], settings })
    container.load(new OpenApiModule({ title: TITLE, version: '1', ...options }))
    return container
  }
  const start = async (options?: Partial<OpenApiOptions>, settings = {}) => {
    const container = load(options, settings)
    if (!('issuer' in settings)) kit.install(container)
    app = await serve(container.get<Koa>(Koa), container)
    return app
  }

  it('is for anyone, with a policy that allows no script but those of this application', async () => {
    const { get } = await start()
    const response = await get('/docs')
    expect(response.status).to.equal(200)
    expect(Object.fromEntries(response.headers)).to.include({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy':
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    })
    const html = await response.text()
    expect(html).to.contain(
      '<title>Tasks &lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;more&#39;</title>',
    )
    expect([...html.matchAll(/<script(.*?)>/g)].map(([, attributes]) => attributes)).to.deep.equal([
      ' src="docs/swagger-ui-bundle.js"',
      ' src="docs/setup.js"',
    ])
    expect(html).not.to.match(/https?:|style=|onload/)
  })

  for (const [path, type] of [
    ['/docs/swagger-ui.css', 'text/css; charset=utf-8'],
    ['/docs/swagger-ui-bundle.js', 'text/javascript; charset=utf-8'],
    ['/docs/oauth2-redirect.html', 'text/html; charset=utf-8'],
    ['/docs/oauth2-redirect.js', 'text/javascript; charset=utf-8'],
    ['/docs/favicon-32x32.png', 'image/png'],
    ['/docs/setup.js', 'text/javascript; charset=utf-8'],
  ] as const) {
    it(`has all it links to: ${path}`, async () => {
      const { get } = await start()
      const response = await get(path)
      expect({ status: response.status, type: response.headers.get('content-type') }).to.deep.equal({
        status: 200,
        type,
      })
      expect(response.headers.get('x-content-type-options')).to.equal('nosniff')
      expect((await response.arrayBuffer()).byteLength).to.be.greaterThan(100)
    })
  }

  it('sends what has not changed only once', async () => {
    const { get, port } = await start()
    const first = await get('/docs/swagger-ui.css')
    await first.arrayBuffer()
    const condition = `If-None-Match: ${first.headers.get('etag')}`
    const again = await rawExchange(
      port,
      'GET /docs/swagger-ui.css HTTP/1.1',
      'Host: a',
      condition,
      'Connection: close',
      '',
      '',
    )
    expect(again).to.include({ status: 304, body: '' })
  })

  for (const path of ['package.json', 'index.html', '..%2fpackage.json', 'constructor', 'swagger-ui.js.map']) {
    it(`serves nothing else of the package: ${path}`, async () => {
      const { get, errors } = await start()
      expect((await get(`/docs/${path}`)).status).to.equal(404)
      expect(errors).to.deep.equal([])
    })
  }

  it('leads from the path with a slash to the one without', async () => {
    const { get, port } = await start({ docs: { page: '/internal/docs' } })
    const response = await get('/internal/docs/')
    expect(response.status).to.equal(302)
    const target = new URL(response.headers.get('location') ?? '', `http://127.0.0.1:${port}/internal/docs/`)
    expect(target.pathname).to.equal('/internal/docs')
  })

  it('finds its document and its files from wherever it is', async () => {
    const { get } = await start({ docs: { page: '/internal/docs', document: '/spec/v1.json', clientId: 'docs' } })
    expect(await (await get('/internal/docs')).text()).to.contain('src="docs/setup.js"')
    const setup = await (await get('/internal/docs/setup.js')).text()
    expect(settingsIn(setup)).to.deep.equal({
      document: '../spec/v1.json',
      redirect: 'docs/oauth2-redirect.html',
      signIn: { clientId: 'docs', scopes: [], parameters: {} },
    })
    expect((await get('/spec/v1.json')).status).to.equal(200)
  })

  it('asks for a token where it is not public, as the table and the matrix of routes say', async () => {
    const { get, container } = await start({ docs: { public: false } })
    const token = await kit.makeToken()
    for (const path of ['/openapi.json', '/docs', '/docs/setup.js']) {
      expect((await get(path)).status, path).to.equal(401)
      expect((await get(path, { token })).status, path).to.equal(200)
    }
    const rules = container.get(RouteTable).routes.map(({ method, path, sentence }) => `${method} ${path}: ${sentence}`)
    expect(rules).to.deep.equal([
      'GET /tasks: any valid token',
      'GET /openapi.json: any valid token',
      'GET /docs: any valid token',
      'GET /docs/:file: any valid token',
    ])
    const fresh = load({ docs: { public: false } })
    kit.install(fresh)
    const { rows, failures } = await authorizationMatrix(fresh, { kit })
    expect(failures).to.deep.equal([])
    expect(new Set(rows.map(({ route }) => route))).to.include('GET /docs/:file')
  })

  it('may be left out', async () => {
    const { get, container } = await start({ docs: { page: false } })
    expect((await get('/openapi.json')).status).to.equal(200)
    expect((await get('/docs')).status).to.equal(401)
    expect(container.get(RouteTable).routes).to.have.length(2)
  })

  it('may be loaded before the other modules', async () => {
    const container = new Container()
    container.load(new OpenApiModule({ title: 'Tasks', version: '1' }))
    container.load(
      new KoaModule({ controllers: [TaskController] }),
      new AuthModule({ ...kit.settings, env: {}, configFiles: [], requireExplicit: false }),
    )
    kit.install(container)
    app = await serve(container.get<Koa>(Koa), container)
    const { paths } = (await (await app.get('/openapi.json')).json()) as { paths: object }
    expect(Object.keys(paths)).to.deep.equal(['/tasks'])
  })

  describe('lets browsers call', () => {
    let issuer: TestIssuer
    before(async () => {
      issuer = await TestIssuer.start()
    })
    after(() => issuer.stop())

    it("the issuer's token endpoint and other servers of the API, and nobody else", async () => {
      const endpoints = {
        authorization_endpoint: 'https://sso.test/authorize',
        token_endpoint: 'https://token.test/a?b',
      }
      issuer.serveDiscovery({ issuer: issuer.url, jwks_uri: issuer.jwksUri, ...endpoints })
      const { get } = await start({ servers: ['/', 'https://api.test/v1'] }, { issuer: issuer.url })
      const policy = async () => (await get('/docs')).headers.get('content-security-policy') ?? ''
      const origins = async () => (await policy()).split('; ').find((directive) => directive.startsWith('connect-src'))
      await eventually(async () => (await origins())?.includes('token.test') === true, 'the endpoint')
      expect(await origins()).to.equal("connect-src 'self' https://token.test https://api.test")
    })
  })

  it('is not put together from mistakes', () => {
    const options = {
      title: '',
      version: 5,
      servers: [],
      toJsonSchema: {},
      colour: 'red',
      docs: { public: 'yes', document: 'openapi.json', page: '/docs/:id', clientId: '', scopes: 'a', secret: 's' },
    }
    expect(() => new OpenApiModule(options as unknown as OpenApiOptions))
      .to.throw(AuthConfigurationError)
      .with.property(
        'message',
        [
          'The application cannot be secured as configured:',
          '  - OpenApiModule colour: is not an option; known are title, version, description, servers, toJsonSchema, docs',
          '  - OpenApiModule docs.secret: is not an option; known are docs.public, docs.document, docs.page, docs.clientId, docs.scopes, docs.authorizationParameters',
          '  - OpenApiModule title: must be the name of the API',
          '  - OpenApiModule version: must be the version of the API',
          '  - OpenApiModule servers: must be a list of URLs, at least one',
          '  - OpenApiModule toJsonSchema: must be a function',
          '  - OpenApiModule docs.public: must be true or false',
          '  - OpenApiModule docs.document: must be a path without parameters, such as /openapi.json',
          '  - OpenApiModule docs.page: must be a path without parameters, such as /docs, or false',
          '  - OpenApiModule docs.clientId: must be the id of a public client',
          '  - OpenApiModule docs.scopes: must be a list of scopes',
        ].join('\n'),
      )
  })

  it('is not loaded twice', () => {
    expect(() => load().load(new OpenApiModule({ title: 'Tasks', version: '1' }))).to.throw(
      AuthConfigurationError,
      'OpenApiModule: is loaded already; one container has one OpenApiModule',
    )
  })

  it('says what to install where Swagger UI is missing', () => {
    const elsewhere = createRequire('/')
    expect(() => findSwaggerUi(elsewhere)).to.throw(
      AuthConfigurationError,
      'OpenApiModule docs.page: needs the package swagger-ui-dist: npm install swagger-ui-dist',
    )
  })
})

function settingsIn(script: string): unknown {
  const [, json = 'null'] = /^const settings = (.*)$/m.exec(script) ?? []
  return JSON.parse(json)
}
