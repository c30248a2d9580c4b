import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { AuthConfigurationError } from '../errors/auth-configuration-error.js'

/** The installed files of Swagger UI. */
export interface SwaggerUi {
  readonly folder: string
  readonly version: string
}

/** The files of it that the page needs, by media type. Nothing else of the package is served. */
export const SWAGGER_UI_FILES: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
  'oauth2-redirect.html': 'text/html; charset=utf-8',
  'oauth2-redirect.js': 'text/javascript; charset=utf-8',
}

/**
 * Finds Swagger UI where this package sees it.
 *
 * @param resolve how a file of a package is found
 * @throws {AuthConfigurationError} when it isn't installed.
 */
export function findSwaggerUi(resolve: NodeJS.Require = createRequire(import.meta.url)): SwaggerUi {
  try {
    const manifest = resolve.resolve('swagger-ui-dist/package.json')
    const { version } = resolve('swagger-ui-dist/package.json') as { readonly version: string }
    return { folder: dirname(manifest), version }
  } catch (cause) {
    const message =
      'needs the package swagger-ui-dist: npm install swagger-ui-dist, or docs: { page: false } for no page'
    throw new AuthConfigurationError([{ where: 'OpenApiModule docs.page', message }], { cause })
  }
}

/** Where a file of it is. */
export function swaggerUiFile({ folder }: SwaggerUi, name: string): string {
  return join(folder, name)
}
