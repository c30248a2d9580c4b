import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createConfig, lintFromString } from '@redocly/openapi-core'
import { expect } from 'chai'
import type { Newable } from 'inversify'
import {
  AllowAnonymous,
  type AuthModuleOptions,
  allOf,
  anyOf,
  Body,
  Controller,
  Delete,
  Get,
  group,
  Header,
  OpenApiModule,
  type OpenApiOptions,
  OptionalAuthentication,
  Param,
  Patch,
  Post,
  Put,
  Query,
  Requires,
  RequiresAgentScope,
  RequiresRole,
  RequiresScope,
  role,
  type StandardSchema,
  Status,
  scope,
} from 'inversify-koa-auth'
import { TestIssuer } from 'inversify-koa-auth/testing'
import Koa from 'koa'
import { after, afterEach, before, describe, it } from 'mocha'
import { z } from 'zod'
import { object, string } from 'zod/mini'
import { eventually } from '../keys/eventually.js'
import { kit, loadContainer, type RunningApp, serve } from '../support/start-app.js'

const Line = z.object({
  sku: z.string().min(3),
  amount: z.number().int().default(1),
  get parts() {
    return z.array(Line).optional()
  },
})
const Money = z.object({ currency: z.enum(['EUR', 'USD']), cents: z.number().int() }).meta({ id: 'Money/€' })
const Order = z.object({ lines: z.array(Line), total: Money, paid: Money.optional() })

const odd: StandardSchema<number> = {
  '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value: value as number }) },
}

/** zod without its converter, as it is before 4.2. */
const Mini = object({ name: string() })

@Controller('/bodies')
class BodyController {
  @Post('/dated')
  dated(@Body(z.object({ at: z.coerce.date(), large: z.bigint(), sku: z.string() })) _body: unknown) {}

  @Post('/mini')
  mini(@Body(Mini) _body: unknown) {}

  @Post('/odd')
  odd(@Body(odd) _body: number) {}
}

@Controller('/orders')
class OrderController {
  @Get()
  list(@Query('page') _page: string, @Query('page') _again: string, @Query() _all: object) {}

  @Get('/health')
  @AllowAnonymous()
  health() {}

  @Get('/teaser{/:page}')
  @OptionalAuthentication()
  teaser(@Header('X-Trace') _trace: string, @Header('Authorization') _authorization: string) {}

  @Post()
  @Status(201)
  @RequiresScope('orders:write', 'orders')
  @RequiresRole('clerk')
  create(@Body(Order) _order: z.infer<typeof Order>) {}

  @Get('/:id')
  @RequiresScope('orders:read')
  read(@Param('id') _id: string) {}

  @Delete('/:orderId')
  @Status(204)
  @Requires(anyOf(role('admin'), allOf(scope('orders:write'), group('ops'))))
  @RequiresAgentScope('orders:delete')
  remove(@Param('orderId') _id: string) {}

  @Patch('/:id/lines/*path')
  changeLine(@Param('path') _path: string, @Body() _change: unknown) {}

  @Put('/:id/very/odd')
  @Put('/:id/very/strange')
  setOddity(@Body(odd) _odd: number, @Body(z.object({ at: z.date() })) _at: unknown) {}
}

type Json = Readonly<Record<string, unknown>>
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Json>>>>
  readonly components: Readonly<Record<'schemas' | 'responses' | 'securitySchemes', Readonly<Record<string, Json>>>>
  readonly [member: string]: unknown
}

describe('the OpenAPI document', () => {
  let issuer: TestIssuer
  before(async () => {
    issuer = await TestIssuer.start()
  })
  after(() => issuer.stop())
  let app: RunningApp | undefined
  afterEach(async () => {
    issuer.restore()
    await app?.stop()
    app = undefined
  })

  const withEndpoints = () =>
    issuer.serveDiscovery({
      issuer: issuer.url,
      jwks_uri: issuer.jwksUri,
      authorization_endpoint: `${issuer.url}/authorize`,
      token_endpoint: `${issuer.url}/token`,
    })
  const start = async (
    options: Partial<OpenApiOptions> = {},
    settings: AuthModuleOptions = {},
    controllers: readonly Newable[] = [OrderController],
  ) => {
    const container = loadContainer({
      controllers,
      settings: { issuer: issuer.url, jwksEndpoint: issuer.jwksUri, ...settings },
    })
    container.load(new OpenApiModule({ title: 'Orders', version: '1.2.3', ...options }))
    app = await serve(container.get<Koa>(Koa), container)
    return app
  }
  const read = async (): Promise<Document> => {
    const response = await (app as RunningApp).get('/openapi.json')
    expect(response.status).to.equal(200)
    expect(response.headers.get('content-type')).to.equal('application/json; charset=utf-8')
    return (await response.json()) as Document
  }
  /** The document with where to sign in, which may be known a little later. */
  const readWith = async (scheme: 'oauth2' | 'oauth2-2'): Promise<Document> => {
    let document = await read()
    const isThere = async () => {
      document = await read()
      return scheme in document.components.securitySchemes
    }
    await eventually(isThere, scheme)
    return document
  }
  const documentOf = async (options?: Partial<OpenApiOptions>, settings?: AuthModuleOptions) => {
    await start(options, settings)
    return read()
  }

  it('passes the linter', async () => {
    withEndpoints()
    await start({ servers: ['https://orders.test'], description: '# Orders' })
    const source = JSON.stringify(await readWith('oauth2'))
    const config = await createConfig({ extends: ['recommended'] })
    const problems = await lintFromString({ source, config })
    const found = problems.map(({ ruleId, severity, message }) => ({ ruleId, severity, message }))
    expect(found.filter(({ ruleId }) => ruleId !== 'tag-description')).to.deep.equal([
      { ruleId: 'info-license', severity: 'warn', message: 'Info object should contain `license` field.' },
      // Of the route that is for anyone.
      {
        ruleId: 'operation-4xx-response',
        severity: 'warn',
        message: 'Operation must have at least one `4XX` response.',
      },
    ])
  })

  it('says what the API is', async () => {
    const { openapi, info, servers } = await documentOf()
    expect({ openapi, info, servers }).to.deep.equal({
      openapi: '3.1.1',
      info: { title: 'Orders', version: '1.2.3' },
      servers: [{ url: '/' }],
    })
  })

  it('has every route but its own, on each path that it answers', async () => {
    const { paths } = await documentOf()
    const found = Object.entries(paths).flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, { operationId }]) => `${method} ${path} ${operationId}`),
    )
    expect(found.sort()).to.deep.equal([
      'delete /orders/{id} OrderController.remove',
      'get /orders OrderController.list',
      'get /orders/health OrderController.health',
      'get /orders/teaser OrderController.teaser',
      'get /orders/teaser/{page} OrderController.teaser-2',
      'get /orders/{id} OrderController.read',
      'patch /orders/{id}/lines/{path} OrderController.changeLine',
      'post /orders OrderController.create',
      'put /orders/{id}/very/odd OrderController.setOddity',
      'put /orders/{id}/very/strange OrderController.setOddity-2',
    ])
  })

  it('says who may call', async () => {
    withEndpoints()
    await start()
    const { paths, components } = await readWith('oauth2')
    const security = (path: string, method: string) => paths[path]?.[method]?.['security']
    expect(security('/orders/health', 'get')).to.deep.equal([])
    expect(security('/orders/teaser', 'get')).to.deep.equal([{}, { bearer: [] }, { oauth2: [] }])
    expect(security('/orders', 'get')).to.deep.equal([{ bearer: [] }, { oauth2: [] }])
    expect(security('/orders/{id}', 'get')).to.deep.equal([{ bearer: [] }, { oauth2: ['orders:read'] }])
    expect(security('/orders', 'post')).to.deep.equal([
      { bearer: [] },
      { oauth2: ['orders'] },
      { oauth2: ['orders:write'] },
    ])
    expect(security('/orders/{id}', 'delete')).to.deep.equal([
      { bearer: [], agent: [] },
      { oauth2: [], agent: [] },
    ])
    expect(paths['/orders/{id}']?.['delete']).to.deep.include({
      description: 'For (role admin or (scope orders:write and group ops)), and an agent with scope orders:delete.',
      'x-requires': { roles: ['admin'], scopes: ['orders:write'], groups: ['ops'] },
    })
    expect(components.securitySchemes).to.deep.equal({
      bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'An access token, as it is.' },
      oauth2: {
        type: 'oauth2',
        description: `Sign in at ${issuer.url}.`,
        flows: {
          authorizationCode: {
            authorizationUrl: `${issuer.url}/authorize`,
            tokenUrl: `${issuer.url}/token`,
            scopes: { 'orders:read': '', orders: '', 'orders:write': '' },
          },
        },
      },
      agent: {
        type: 'apiKey',
        in: 'header',
        name: 'X-Agent-Authorization',
        description: '"Bearer", a space, and the token of an agent. Scopes that routes ask of agents: orders:delete.',
      },
    })
  })

  it('says what it can not show: routes whose paths are one path to OpenAPI', async () => {
    @Controller('/files')
    class FileController {
      @Get('/:id') @RequiresRole('admin') read() {}
      @Get('/*path') @AllowAnonymous() find() {}
      @Get('/:id/parts{/:from}{/:to}') parts() {}
      @Delete('/:id') remove() {}
    }
    for (const [errorDetail, rule] of [
      ['full', 'role admin'],
      ['minimal', 'callers who may'],
    ] as const) {
      await start({}, { errorDetail }, [FileController])
      const { paths } = await read()
      const described = Object.entries(paths).flatMap(([path, operations]) =>
        Object.entries(operations).map(([method, { description }]) => `${method} ${path}: ${description}`),
      )
      expect(described).to.deep.equal([
        `get /files/{id}: For ${rule}. To OpenAPI the same path, and not shown: GET /files/*path, for anyone.`,
        'delete /files/{id}: For any valid token.',
        'get /files/{id}/parts: For any valid token.',
        'get /files/{id}/parts/{to}: For any valid token.',
        'get /files/{id}/parts/{from}/{to}: For any valid token.',
      ])
      await app?.stop()
    }
    app = undefined
  })

  it('says how refusals look', async () => {
    const { paths } = await documentOf()
    const statuses = (path: string, method: string) => Object.keys(paths[path]?.[method]?.['responses'] as object)
    expect(statuses('/orders/health', 'get')).to.deep.equal(['200', '204'])
    expect(statuses('/orders', 'get')).to.deep.equal(['200', '204', '401', '503'])
    expect(statuses('/orders/{id}', 'get')).to.deep.equal(['200', '204', '401', '403', '503'])
    expect(statuses('/orders', 'post')).to.deep.equal(['201', '400', '401', '403', '413', '415', '422', '503'])
    expect(statuses('/orders/{id}', 'delete')).to.deep.equal(['204', '401', '403', '503'])
  })

  it('has the parameters that methods ask for, each once', async () => {
    const { paths } = await documentOf()
    const parameters = (path: string, method: string) => paths[path]?.[method]?.['parameters']
    const inPath = (name: string) => ({ name, in: 'path', required: true, schema: { type: 'string' } })
    expect(parameters('/orders', 'get')).to.deep.equal([
      { name: 'page', in: 'query', required: false, schema: { type: 'string' } },
    ])
    expect(parameters('/orders/teaser/{page}', 'get')).to.deep.equal([
      inPath('page'),
      { name: 'x-trace', in: 'header', required: false, schema: { type: 'string' } },
    ])
    expect(parameters('/orders/{id}', 'delete')).to.deep.equal([inPath('id')])
    expect(parameters('/orders/{id}/lines/{path}', 'patch')).to.deep.equal([
      inPath('id'),
      { ...inPath('path'), description: 'May have slashes in it.' },
    ])
    expect(parameters('/orders', 'post')).to.equal(undefined)
  })

  it('has the schemas of bodies, references included', async () => {
    const { paths, components } = await documentOf()
    const body = (path: string, method: string) => paths[path]?.[method]?.['requestBody']
    const component = (name: string) => ({ $ref: `#/components/schemas/OrderController.create.body${name}` })
    expect(body('/orders', 'post')).to.deep.equal({
      required: true,
      content: { 'application/json': { schema: component('') } },
    })
    const schemas = Object.fromEntries(
      Object.entries(components.schemas).filter(([name]) => name.startsWith('OrderController.create.body')),
    )
    expect(Object.keys(schemas)).to.have.length(3)
    const text = JSON.stringify(schemas)
    const references = [...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, reference = '']) => reference)
    expect(references).to.have.length.greaterThan(2)
    for (const reference of references) {
      expect(Object.keys(components.schemas)).to.include(reference.replace('#/components/schemas/', ''))
    }
    expect(text).not.to.contain('$schema').and.not.to.contain('$defs')
    expect(body('/orders/{id}/lines/{path}', 'patch')).to.deep.equal({ content: { 'application/json': {} } })
    expect(body('/orders/{id}/very/odd', 'put')).to.deep.equal({
      required: true,
      content: { 'application/json': { schema: { $ref: '#/components/schemas/OrderController.setOddity.body' } } },
    })
    expect(components.schemas['OrderController.setOddity.body']).to.deep.equal({})
  })

  describe('has the schema of a body', () => {
    const schemasWith = async (toJsonSchema?: OpenApiOptions['toJsonSchema']) => {
      const container = loadContainer({ controllers: [BodyController], settings: { issuer: issuer.url } })
      container.load(new OpenApiModule({ title: 'Bodies', version: '1', toJsonSchema }))
      app = await serve(container.get<Koa>(Koa), container)
      const { schemas } = (await read()).components
      return (handler: string) => schemas[`BodyController.${handler}.body`]
    }
    const DATED = {
      type: 'object',
      properties: { at: {}, large: {}, sku: { type: 'string' } },
      required: ['at', 'large', 'sku'],
    }

    it('but for the members that JSON Schema can not say', async () => {
      expect((await schemasWith())('dated')).to.deep.equal(DATED)
    })

    it('as the application says it, where a validator has no converter', async () => {
      expect((await schemasWith())('mini')).to.deep.equal({})
      await app?.stop()
      const schemas = await schemasWith((schema) =>
        schema === Mini ? z.toJSONSchema(schema as typeof Mini, { io: 'input' }) : undefined,
      )
      expect(schemas('mini')).to.deep.include({ type: 'object', properties: { name: { type: 'string' } } })
      expect(schemas('dated')).to.deep.equal(DATED)
    })

    it('as the application says it, with references to anywhere within', async () => {
      const schemas = await schemasWith(() => ({
        properties: { a: { $ref: '#/definitions/A' }, b: { $ref: '#/properties/a' }, c: { $ref: '#' } },
        definitions: { A: { type: 'number' } },
      }))
      const here = '#/components/schemas/BodyController.odd.body'
      expect(schemas('odd')).to.deep.equal({
        properties: { a: { $ref: `${here}/definitions/A` }, b: { $ref: `${here}/properties/a` }, c: { $ref: here } },
        definitions: { A: { type: 'number' } },
      })
    })

    it('as the validator says it, where the application fails to', async () => {
      const schemas = await schemasWith(() => {
        throw new Error('not this one')
      })
      expect(schemas('dated')).to.deep.equal(DATED)
      expect(schemas('odd')).to.deep.equal({})
    })
  })

  describe('with error_detail: minimal', () => {
    const NAMES = /admin|clerk|ops\b|orders:/

    it('does not tell strangers what routes ask for', async () => {
      withEndpoints()
      await start({}, { errorDetail: 'minimal' })
      const document = await readWith('oauth2')
      const { operationId: _, ...read } = document.paths['/orders/{id}']?.['get'] ?? {}
      expect(read).to.deep.include({
        description: 'For callers who may.',
        security: [{ bearer: [] }, { oauth2: [] }],
      })
      expect(read['responses']).to.have.nested.property('403.description', 'The route asks for callers who may.')
      expect(document.paths['/orders/{id}']?.['delete']?.['security']).to.deep.equal([
        { bearer: [], agent: [] },
        { oauth2: [], agent: [] },
      ])
      expect(document.paths['/orders']?.['get']?.['description']).to.equal('For any valid token.')
      expect(JSON.stringify(document)).not.to.match(NAMES)
    })

    it('tells holders of a token', async () => {
      const { get } = await start({ docs: { public: false } }, { errorDetail: 'minimal', ...kit.settings })
      kit.install((app as RunningApp).container)
      const response = await get('/openapi.json', { token: await kit.makeToken() })
      expect(await response.text()).to.match(NAMES)
    })
  })

  it('asks for nothing where nothing is enforced', async () => {
    const { paths } = await documentOf({}, { enabled: false })
    for (const operations of Object.values(paths)) {
      for (const { security } of Object.values(operations)) expect(security).to.deep.equal([])
    }
  })

  describe('names the endpoints of the issuer', () => {
    it('asking once, however many are reading', async () => {
      withEndpoints()
      await start()
      const { discovery } = issuer.requests
      await Promise.all(Array.from({ length: 20 }, read))
      await readWith('oauth2')
      expect(issuer.requests.discovery - discovery).to.equal(1)
    })

    it('as soon as they are known: nobody waits for an issuer that takes its time', async () => {
      const slow = await SlowIssuer.start()
      try {
        const { get } = await start({}, { issuer: slow.url, jwksTimeoutMs: 600_000 })
        const policy = async () => (await get('/docs')).headers.get('content-security-policy')
        expect(await policy()).to.contain("connect-src 'self';")
        expect((await read()).components.securitySchemes).to.have.all.keys('bearer', 'agent')
        slow.answer()
        await readWith('oauth2')
        expect(await policy()).to.contain(`connect-src 'self' ${slow.url};`)
      } finally {
        await slow.stop()
      }
    })

    it('each of several', async () => {
      withEndpoints()
      const other = await TestIssuer.start()
      other.serveDiscovery({
        issuer: other.url,
        authorization_endpoint: `${other.url}/a`,
        token_endpoint: `${other.url}/t`,
      })
      try {
        const issuers = [{ issuer: issuer.url }, { issuer: other.url }]
        await start({}, { issuer: undefined, jwksEndpoint: undefined, issuers })
        const { paths } = await readWith('oauth2-2')
        expect(paths['/orders']?.['get']?.['security']).to.deep.equal([
          { bearer: [] },
          { 'oauth2-1': [] },
          { 'oauth2-2': [] },
        ])
      } finally {
        await other.stop()
      }
    })
  })
})

/** An issuer that has its metadata ready only when it is told to answer. */
class SlowIssuer {
  answer: () => void = () => undefined
  readonly #told = new Promise<void>((resolve) => {
    this.answer = resolve
  })
  readonly #server = createServer(async (_request, response) => {
    await this.#told
    const { url } = this
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ issuer: url, authorization_endpoint: `${url}/a`, token_endpoint: `${url}/t` }))
  })

  static async start(): Promise<SlowIssuer> {
    const issuer = new SlowIssuer()
    issuer.#server.listen(0, '127.0.0.1')
    await once(issuer.#server, 'listening')
    return issuer
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }
}
