import { createReadStream } from 'node:fs'
import { posix } from 'node:path'
import type { Newable } from 'inversify'
import type Koa from 'koa'
import { AllowAnonymous, Authenticated } from '../authorization/security-decorators.js'
import { Context, Param } from '../controllers/parameter-decorators.js'
import { Controller, Get } from '../controllers/route-decorators.js'
import { NotFoundError } from '../errors/not-found-error.js'
import type { ApiDocumentation } from './api-documentation.js'
import type { Documentation } from './openapi-options.js'
import { SWAGGER_UI_FILES, type SwaggerUi, swaggerUiFile } from './swagger-ui.js'

type DocumentationController = Newable<object, [ApiDocumentation]>

/** Scripts and pages are what they are said to be, and tell nobody where they were linked from. */
const CAUTION = { 'X-Content-Type-Options': 'nosniff', 'Referrer-Policy': 'no-referrer' }

/** The controller that serves the OpenAPI document. */
export function documentController({ documentPath, isPublic }: Documentation): DocumentationController {
  const access = isPublic ? AllowAnonymous : Authenticated

  @Controller()
  class OpenApiController {
    constructor(private readonly documentation: ApiDocumentation) {}

    @Get(documentPath)
    @access()
    async document(@Context() ctx: Koa.Context) {
      ctx.set({ ...CAUTION, 'Cache-Control': 'no-cache' })
      ctx.type = 'json'
      ctx.body = await this.documentation.document()
    }
  }
  return OpenApiController
}

/** The controller that serves the page and the files it needs. */
export function pageController(
  { pagePath = '/docs', isPublic }: Documentation,
  swaggerUi: SwaggerUi,
): DocumentationController {
  const access = isPublic ? AllowAnonymous : Authenticated

  @Controller(pagePath)
  class ApiDocsController {
    constructor(private readonly documentation: ApiDocumentation) {}

    /** Its links are relative to the path without a slash at the end. */
    @Get()
    @access()
    async page(@Context() ctx: Koa.Context) {
      if (ctx.path.endsWith('/')) return ctx.redirect(`../${posix.basename(pagePath)}`)
      const { html, policy } = await this.documentation.page()
      ctx.set({ ...CAUTION, 'Cache-Control': 'no-cache', 'Content-Security-Policy': policy })
      ctx.type = 'html'
      ctx.body = html
    }

    @Get('/:file')
    @access()
    file(@Param('file') file: string, @Context() ctx: Koa.Context) {
      if (file !== 'setup.js' && !Object.hasOwn(SWAGGER_UI_FILES, file)) throw new NotFoundError()
      ctx.set({
        ...CAUTION,
        'Cache-Control': 'no-cache',
        'Content-Security-Policy': "default-src 'none'; script-src 'self'",
      })
      if (file === 'setup.js') {
        ctx.type = 'text/javascript; charset=utf-8'
        ctx.body = this.documentation.setup
        return
      }
      ctx.status = 200
      ctx.etag = swaggerUi.version
      if (ctx.fresh) {
        ctx.status = 304
        return
      }
      ctx.type = SWAGGER_UI_FILES[file] as string
      ctx.body = createReadStream(swaggerUiFile(swaggerUi, file))
    }
  }
  return ApiDocsController
}
