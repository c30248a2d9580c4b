import { refusal } from '../authorization/refusal.js'
import type { Requirement } from '../authorization/requirement.js'
import type { ControllerRoute } from '../controllers/controller-routes.js'
import { agentScopesIn } from './agent-scopes-in.js'
import type { AuthorizationEndpoints } from './authorization-endpoints.js'
import type { JsonSchema } from './body-schemas.js'
import { type DocumentedRule, documentedRule } from './documented-rule.js'
import type { Documentation } from './openapi-options.js'
import { type OperationSurroundings, operation, PROBLEM_CONTENT } from './operation.js'
import { type PathTemplate, pathTemplates } from './path-templates.js'
import type { SchemeNames } from './route-access.js'

type Json = Readonly<Record<string, unknown>>

/** What a document is made of. */
export interface DocumentParts {
  readonly documentation: Documentation
  readonly routes: readonly ControllerRoute[]
  /** The endpoints of every issuer that says where they are. */
  readonly endpoints: readonly AuthorizationEndpoints[]
  /** `false` where nothing is enforced. */
  readonly isEnforced: boolean
  /** `false` keeps the names of roles, scopes and the like out. */
  readonly namesRequirements: boolean
}

const BEARER = 'bearer'
const AGENT = 'agent'

/** The OpenAPI 3.1 document of an application. */
export function openApiDocument(parts: DocumentParts): Json {
  const { documentation, routes, endpoints, isEnforced, namesRequirements } = parts
  const schemas = new Map<string, JsonSchema>([['Problem', PROBLEM_SCHEMA]])
  const oauth2 = endpoints.map((_, index) => (endpoints.length === 1 ? 'oauth2' : `oauth2-${index + 1}`))
  const schemes: SchemeNames = { bearer: BEARER, agent: AGENT, oauth2 }
  const { title, version, description, servers, toJsonSchema } = documentation
  const ruled = routes.map((route) => ({ route, rule: documentedRule(route.description, namesRequirements) }))
  const requirements = ruled.map(({ rule }) => rule.requirement)
  const paths = operationsByPath(ruled, { schemes, schemas, toJsonSchema })
  const document = {
    openapi: '3.1.1',
    info: { title, version, ...(description !== undefined && { description }) },
    servers: servers.map((url) => ({ url })),
    tags: [...new Set(routes.map(({ description: { controller } }) => controller))].map((name) => ({ name })),
    paths,
    components: {
      schemas: Object.fromEntries(schemas),
      responses: RESPONSES,
      securitySchemes: securitySchemes(requirements, endpoints, schemes, documentation),
    },
  }
  return isEnforced ? document : withoutSecurity(document)
}

interface RuledRoute {
  readonly route: ControllerRoute
  readonly rule: DocumentedRule
}

function operationsByPath(
  routes: readonly RuledRoute[],
  common: Pick<OperationSurroundings, 'schemes' | 'schemas' | 'toJsonSchema'>,
): Json {
  const paths = new Map<string, { readonly template: PathTemplate; readonly operations: Map<string, Shown> }>()
  const ids = new Set<string>()
  for (const { route, rule } of routes) {
    const { method, path, controller, handler } = route.description
    for (const own of pathTemplates(path)) {
      // Templates that differ by names only are one path to OpenAPI (section 4.8.8); the first one names it.
      const shape = own.path.replace(/\{[^}]*\}/g, '{}')
      const { template, operations } = paths.get(shape) ?? { template: own, operations: new Map<string, Shown>() }
      paths.set(shape, { template, operations })
      const shown = operations.get(method)
      if (shown === undefined) {
        const operationId = unusedId(`${controller}.${handler}`.replace(/[^\w.-]/g, '_'), ids)
        const first = operation(route, { ...common, rule, operationId, template })
        operations.set(method, { route, operation: first, hidden: [] })
      } else if (shown.route !== route) shown.hidden.push(`${method} ${path}, for ${rule.sentence}`)
    }
  }
  const entries = [...paths.values()].map(({ template, operations }) => [
    template.path,
    Object.fromEntries([...operations].map(([method, shown]) => [method.toLowerCase(), withHidden(shown)])),
  ])
  return Object.fromEntries(entries)
}

/** An operation, and the routes that it stands in the way of: OpenAPI has one for a method and a path. */
interface Shown {
  readonly route: ControllerRoute
  readonly operation: Json
  readonly hidden: string[]
}

function withHidden({ operation: shown, hidden }: Shown): Json {
  if (hidden.length === 0) return shown
  return {
    ...shown,
    description: `${shown['description']} To OpenAPI the same path, and not shown: ${hidden.join('; ')}.`,
  }
}

function unusedId(wanted: string, ids: Set<string>): string {
  let id = wanted
  for (let count = 2; ids.has(id); count++) id = `${wanted}-${count}`
  ids.add(id)
  return id
}

function securitySchemes(
  requirements: readonly Requirement[],
  endpoints: readonly AuthorizationEndpoints[],
  { bearer, agent, oauth2 }: SchemeNames,
  { scopes }: Documentation,
): Json {
  const conditions = requirements.flatMap((requirement) =>
    requirement.access === 'authenticated' ? requirement.allOf : [],
  )
  const known = new Set([...(refusal(conditions).missing.scopes ?? []), ...scopes])
  const agents = agentScopesIn(requirements)
  const areAgentsAsked = requirements.some((it) => it.access === 'authenticated' && it.agentScopes !== undefined)
  const flows = endpoints.map(({ authorizationEndpoint, tokenEndpoint }) => ({
    authorizationCode: {
      authorizationUrl: authorizationEndpoint,
      tokenUrl: tokenEndpoint,
      scopes: Object.fromEntries([...known].map((scope) => [scope, ''])),
    },
  }))
  return {
    [bearer]: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'An access token, as it is.' },
    ...Object.fromEntries(
      oauth2.map((name, index) => [
        name,
        { type: 'oauth2', description: `Sign in at ${endpoints[index]?.issuer}.`, flows: flows[index] },
      ]),
    ),
    ...(areAgentsAsked && {
      [agent]: {
        type: 'apiKey',
        in: 'header',
        name: 'X-Agent-Authorization',
        description: ['"Bearer", a space, and the token of an agent.', ...agentText(agents)].join(' '),
      },
    }),
  }
}

function agentText(scopes: readonly string[]): readonly string[] {
  return scopes.length === 0 ? [] : [`Scopes that routes ask of agents: ${scopes.join(', ')}.`]
}

/** Where nothing is enforced, nothing is asked for. */
function withoutSecurity(document: Json): Json {
  const { paths, components } = document as {
    readonly paths: Readonly<Record<string, Json>>
    readonly components: Json
  }
  const open = (operations: Json) =>
    Object.fromEntries(
      Object.entries(operations).map(([method, value]) => [method, { ...(value as Json), security: [] }]),
    )
  return {
    ...document,
    paths: Object.fromEntries(Object.entries(paths).map(([path, operations]) => [path, open(operations)])),
    components,
  }
}

const PROBLEM_SCHEMA: JsonSchema = {
  description: 'What is wrong (RFC 9457).',
  type: 'object',
  properties: {
    type: { type: 'string', format: 'uri-reference' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: { type: 'string', description: 'The cause, for programs.' },
    missing: {
      description: 'What the caller lacks, by kind.',
      type: 'object',
      additionalProperties: { type: 'array', items: { type: 'string' } },
    },
    issues: {
      description: 'What is wrong with the body, and where.',
      type: 'array',
      items: {
        type: 'object',
        properties: {
          message: { type: 'string' },
          path: { type: 'array', items: { type: ['string', 'integer'] } },
        },
        required: ['message', 'path'],
      },
    },
  },
  required: ['type', 'title', 'status', 'detail', 'code'],
}

const RESPONSES: Json = {
  BadRequest: { description: 'The body is malformed, or the credentials are.', content: PROBLEM_CONTENT },
  Unauthorized: {
    description: 'There is no token, or it proves nothing.',
    headers: { 'WWW-Authenticate': { description: 'What to send (RFC 6750, section 3).', schema: { type: 'string' } } },
    content: PROBLEM_CONTENT,
  },
  ContentTooLarge: { description: 'The body is too large.', content: PROBLEM_CONTENT },
  UnsupportedMediaType: { description: 'The media type of the body is not supported.', content: PROBLEM_CONTENT },
  UnprocessableContent: { description: 'The body is not valid.', content: PROBLEM_CONTENT },
  Unavailable: {
    description: 'There is no telling at the moment whether the caller may.',
    headers: { 'Retry-After': { description: 'In seconds.', schema: { type: 'integer' } } },
    content: PROBLEM_CONTENT,
  },
}
