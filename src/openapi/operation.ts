import type { ControllerRoute } from '../controllers/controller-routes.js'
import { bodySchema, type JsonSchema, type ToJsonSchema } from './body-schemas.js'
import type { DocumentedRule } from './documented-rule.js'
import type { PathTemplate } from './path-templates.js'
import { askedFor, routeAccess, type SchemeNames } from './route-access.js'

/** What an operation needs to know besides its route. */
export interface OperationSurroundings {
  readonly rule: DocumentedRule
  readonly operationId: string
  readonly template: PathTemplate
  readonly schemes: SchemeNames
  /** Takes the schemas of bodies. */
  readonly schemas: Map<string, JsonSchema>
  readonly toJsonSchema: ToJsonSchema | undefined
}

type Json = Readonly<Record<string, unknown>>

/** Headers that OpenAPI says elsewhere; as parameters they are to be ignored. */
const SAID_ELSEWHERE = ['accept', 'content-type', 'authorization']

/** One route on one path, as OpenAPI puts it (OpenAPI 3.1, section 4.8.10). */
export function operation(route: ControllerRoute, surroundings: OperationSurroundings): Json {
  const { description, parameters } = route
  const { operationId, schemes, rule } = surroundings
  const { controller, handler } = description
  const { requirement, sentence } = rule
  const body = requestBody(route, surroundings)
  const asked = askedFor(requirement)
  return {
    operationId,
    summary: inWords(handler),
    description: `For ${sentence}.`,
    tags: [controller],
    ...nonEmpty('parameters', [...pathParameters(surroundings.template), ...otherParameters(parameters)]),
    ...(body && { requestBody: body }),
    responses: responses(route.status, rule, body !== undefined),
    security: routeAccess(requirement, schemes),
    ...(asked && { 'x-requires': asked }),
  }
}

function pathParameters({ parameters }: PathTemplate): readonly Json[] {
  return parameters.map(({ name, isWildcard }) => ({
    name,
    in: 'path',
    required: true,
    ...(isWildcard && { description: 'May have slashes in it.' }),
    schema: { type: 'string' },
  }))
}

/** Names twice are one parameter. Whether they are needed is up to the method. */
function otherParameters(sources: ControllerRoute['parameters']): readonly Json[] {
  const found = new Map<string, Json>()
  for (const source of sources) {
    if (source?.from !== 'query' && source?.from !== 'header') continue
    const { from, name } = source
    if (name === undefined || (from === 'header' && SAID_ELSEWHERE.includes(name))) continue
    found.set(`${from} ${name}`, { name, in: from, required: false, schema: { type: 'string' } })
  }
  return [...found.values()]
}

function requestBody(
  { parameters }: ControllerRoute,
  { operationId, schemas, toJsonSchema }: OperationSurroundings,
): Json | undefined {
  const bodies = parameters.filter((source) => source?.from === 'body')
  const [first] = bodies
  if (first === undefined) return undefined
  const [schema] = bodies.flatMap((source) => source.schema ?? [])
  if (schema === undefined) return { content: { 'application/json': {} } }
  const converted = bodySchema(schema, `${operationId}.body`, schemas, toJsonSchema)
  return { required: true, content: { 'application/json': { schema: converted } } }
}

function responses(
  status: number | undefined,
  { requirement: { access }, sentence, asksMore }: DocumentedRule,
  hasBody: boolean,
): Json {
  return {
    ...success(status),
    ...(hasBody && { 400: problem('BadRequest') }),
    ...(access !== 'anonymous' && { 401: problem('Unauthorized') }),
    ...(asksMore && { 403: { description: `The route asks for ${sentence}.`, content: PROBLEM_CONTENT } }),
    ...(hasBody && { 413: problem('ContentTooLarge'), 415: problem('UnsupportedMediaType') }),
    ...(hasBody && { 422: problem('UnprocessableContent') }),
    ...(access !== 'anonymous' && { 503: problem('Unavailable') }),
  }
}

function success(status: number | undefined): Json {
  if (status !== undefined)
    return { [status]: { description: status === 204 ? 'Done.' : 'Done; what the method returns.' } }
  return { 200: { description: 'What the method returns.' }, 204: { description: 'Done; there is nothing to return.' } }
}

/** The content of every refusal (RFC 9457). */
export const PROBLEM_CONTENT: Json = {
  'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
}

function problem(name: string): Json {
  return { $ref: `#/components/responses/${name}` }
}

/** `removeAll` is "Remove all". */
function inWords(name: string): string {
  const words = name
    .replace(/(?<=[a-z\d])(?=[A-Z])|_+/g, ' ')
    .trim()
    .toLowerCase()
  return words === '' ? name : `${words.charAt(0).toUpperCase()}${words.slice(1)}`
}

function nonEmpty(name: string, list: readonly unknown[]): Json {
  return list.length === 0 ? {} : { [name]: list }
}
