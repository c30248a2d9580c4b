import { unknownName } from '../config/unknown-name.js'
import type { StandardSchema } from '../controllers/standard-schema.js'
import { AuthConfigurationError, type ConfigurationProblem } from '../errors/auth-configuration-error.js'
import type { ToJsonSchema } from './body-schemas.js'

/** What an `OpenApiModule` says about the API, and where. */
export interface OpenApiOptions {
  /** The name of the API. */
  readonly title: string
  /** The version of the API, not of OpenAPI. */
  readonly version: string
  /** Markdown. */
  readonly description?: string | undefined
  /** Where the API is, as its clients see it. Default: where the document comes from. */
  readonly servers?: readonly string[] | undefined
  /**
   * Says in JSON Schema (draft 2020-12) what a body's validator accepts, for validators that have no converter of
   * their own. `undefined`, or an error, leaves that to the validator.
   */
  readonly toJsonSchema?: ((schema: StandardSchema) => object | undefined) | undefined
  readonly docs?: DocumentationOptions | undefined
}

/** Who may read the documentation, and how its page signs people in. */
export interface DocumentationOptions {
  /** `false` asks for a valid token, as for any route. Default: `true`, anyone may read it. */
  readonly public?: boolean | undefined
  /** Where the document is. Default: `/openapi.json`. */
  readonly document?: string | undefined
  /** Where the page is; `false` for none. Default: `/docs`. Needs the package `swagger-ui-dist`. */
  readonly page?: string | false | undefined
  /** The public client that the page signs people in with: authorization code with PKCE, no secret. */
  readonly clientId?: string | undefined
  /** Scopes that are ticked when somebody signs in. */
  readonly scopes?: readonly string[] | undefined
  /** More parameters for the authorization endpoint, such as `audience` or `resource`. */
  readonly authorizationParameters?: Readonly<Record<string, string>> | undefined
}

/** Options with nothing left open. */
export interface Documentation {
  readonly title: string
  readonly version: string
  readonly description: string | undefined
  readonly servers: readonly string[]
  readonly toJsonSchema: ToJsonSchema | undefined
  readonly isPublic: boolean
  readonly documentPath: string
  readonly pagePath: string | undefined
  readonly clientId: string | undefined
  readonly scopes: readonly string[]
  readonly authorizationParameters: Readonly<Record<string, string>>
}

const OPTIONS = ['title', 'version', 'description', 'servers', 'toJsonSchema', 'docs']
const DOCS_OPTIONS = ['public', 'document', 'page', 'clientId', 'scopes', 'authorizationParameters']
const PLAIN_PATH = /^(\/[\w.~-]+)+$/

/** @throws {AuthConfigurationError} naming every mistake in the options. */
export function documentation(options: OpenApiOptions): Documentation {
  const { title, version, description, servers = ['/'], toJsonSchema, docs = {} } = options
  const { document: documentPath = '/openapi.json', page = '/docs', clientId } = docs
  const problems = [
    ...unknownNames(options, OPTIONS, ''),
    ...unknownNames(docs, DOCS_OPTIONS, 'docs.'),
    ...wrong('title', isText(title), 'must be the name of the API'),
    ...wrong('version', isText(version), 'must be the version of the API'),
    ...wrong('servers', isTexts(servers) && servers.length > 0, 'must be a list of URLs, at least one'),
    ...wrong('toJsonSchema', isOneOf(['function', 'undefined'], typeof toJsonSchema), 'must be a function'),
    ...wrong('docs.public', isOneOf([true, false, undefined], docs.public), 'must be true or false'),
    ...wrong('docs.document', isPath(documentPath), 'must be a path without parameters, such as /openapi.json'),
    ...wrong('docs.page', page === false || isPath(page), 'must be a path without parameters, such as /docs, or false'),
    ...wrong('docs.page', page !== documentPath, 'must be another path than docs.document'),
    ...wrong('docs.clientId', clientId === undefined || isText(clientId), 'must be the id of a public client'),
    ...wrong('docs.scopes', isTexts(docs.scopes ?? []), 'must be a list of scopes'),
  ]
  if (problems.length > 0) throw new AuthConfigurationError(problems)
  return Object.freeze({
    title,
    version,
    description,
    servers,
    toJsonSchema,
    isPublic: docs.public !== false,
    documentPath,
    pagePath: page === false ? undefined : page,
    clientId,
    scopes: docs.scopes ?? [],
    authorizationParameters: docs.authorizationParameters ?? {},
  })
}

function unknownNames(given: object, known: readonly string[], prefix: string): readonly ConfigurationProblem[] {
  const names = Object.keys(given).filter((name) => !known.includes(name))
  const whole = known.map((name) => prefix + name)
  return names.map((name) => ({
    where: `OpenApiModule ${prefix}${name}`,
    message: unknownName('an option', prefix + name, whole),
  }))
}

function wrong(name: string, isRight: boolean, message: string): readonly ConfigurationProblem[] {
  return isRight ? [] : [{ where: `OpenApiModule ${name}`, message }]
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== ''
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every(isText)
}

function isOneOf(values: readonly unknown[], value: unknown): boolean {
  return values.includes(value)
}

function isPath(value: unknown): boolean {
  return typeof value === 'string' && PLAIN_PATH.test(value)
}
