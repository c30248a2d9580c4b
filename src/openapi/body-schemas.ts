import type { StandardSchema } from '../controllers/standard-schema.js'

/** A schema in JSON. */
export type JsonSchema = Readonly<Record<string, unknown>> | boolean

/** Standard JSON Schema (https://standardschema.dev): validators that can say in JSON what they accept. */
interface JsonSchemaConverter {
  readonly input: (options: {
    readonly target: 'draft-2020-12'
    readonly libraryOptions?: Readonly<Record<string, unknown>>
  }) => JsonSchema
}

/** An application's own way to say in JSON what a validator accepts; `undefined` where it has none for that. */
export type ToJsonSchema = (schema: StandardSchema) => object | undefined

/** Makes zod leave open what it can't say, in place of giving up. */
const LENIENT = { unrepresentable: 'any' }

/** Members whose values are data, whatever they look like. */
const DATA = new Set(['const', 'enum', 'default', 'examples', 'example'])

/**
 * What a validator accepts, as JSON Schema: as the application says, or else by the validator's own converter.
 * Everything, for one that has no converter, or whose schema can't be said in JSON.
 *
 * The schema and what it defines become components of their own, so that its references mean the same in the document.
 *
 * @param name of the component for the schema; definitions are called `name.definition`
 * @param components where they are put
 * @param toJsonSchema the application's own converter
 */
export function bodySchema(
  schema: StandardSchema,
  name: string,
  components: Map<string, JsonSchema>,
  toJsonSchema: ToJsonSchema = () => undefined,
): JsonSchema {
  const converted = attempt(() => toJsonSchema(schema) as JsonSchema | undefined) ?? convert(schema)
  if (typeof converted !== 'object') return converted
  const { $schema: _, $defs: definitions = {}, ...rest } = converted
  const names = definitionNames(Object.keys(definitions as object), name)
  const rename = (reference: string): string => {
    if (reference === '#') return componentReference(name)
    const [, definition = '', further = ''] = /^#\/\$defs\/([^/]+)(.*)$/s.exec(reference) ?? []
    const known = names.get(unescaped(definition))
    if (known !== undefined) return `${componentReference(known)}${further}`
    return reference.startsWith('#/') ? `${componentReference(name)}${reference.slice(1)}` : reference
  }
  for (const [definition, value] of Object.entries(definitions as Readonly<Record<string, unknown>>)) {
    components.set(names.get(definition) as string, withReferences(value, rename) as JsonSchema)
  }
  components.set(name, withReferences(rest, rename) as JsonSchema)
  return { $ref: componentReference(name) }
}

/** Components have names of few characters, so that two definitions may have to be told apart. */
function definitionNames(definitions: readonly string[], name: string): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  const taken = new Set<string>()
  for (const definition of definitions) {
    const wanted = `${name}.${definition.replace(/[^\w.-]/g, '_')}`
    let unused = wanted
    for (let count = 2; taken.has(unused); count++) unused = `${wanted}-${count}`
    taken.add(unused)
    names.set(definition, unused)
  }
  return names
}

/** A name as a reference has it: percent-encoded (RFC 3986), and escaped for a JSON pointer (RFC 6901). */
function unescaped(name: string): string {
  try {
    return decodeURIComponent(name).replaceAll('~1', '/').replaceAll('~0', '~')
  } catch {
    return name
  }
}

function convert({ '~standard': standard }: StandardSchema): JsonSchema {
  const { jsonSchema } = standard as { readonly jsonSchema?: JsonSchemaConverter }
  const options = { target: 'draft-2020-12', ...(standard.vendor === 'zod' && { libraryOptions: LENIENT }) } as const
  return attempt(() => jsonSchema?.input(options)) ?? {}
}

/** Converters throw for what they can't say. */
function attempt(converted: () => JsonSchema | undefined): JsonSchema | undefined {
  try {
    return converted()
  } catch {
    return undefined
  }
}

function componentReference(name: string): string {
  return `#/components/schemas/${name}`
}

function withReferences(value: unknown, rename: (reference: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => withReferences(item, rename))
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).map(([key, member]) => {
    if (key === '$ref' && typeof member === 'string') return [key, rename(member)]
    return [key, DATA.has(key) ? member : withReferences(member, rename)]
  })
  return Object.fromEntries(members)
}
