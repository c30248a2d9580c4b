import { assertParentheses } from '../authorization/decorator-parentheses.js'
import { assertDecoratorPlace } from '../authorization/decorator-place.js'
import { metadataSlot } from '../authorization/metadata-slot.js'
import { isStandardSchema, type StandardSchema } from './standard-schema.js'

/** Where one parameter of a method comes from. */
export type ParameterSource =
  | { readonly from: 'path'; readonly name: string | undefined }
  | { readonly from: 'query'; readonly name: string | undefined }
  | { readonly from: 'header'; readonly name: string }
  | { readonly from: 'body'; readonly schema: StandardSchema | undefined }
  | { readonly from: 'context' }

/** A method's parameter sources by their positions; a hole is a parameter without a decorator. */
export type ParameterSources = readonly (ParameterSource | undefined)[]

export const parameterSources = metadataSlot<ParameterSources>('parameters')

/** A path parameter, decoded; `undefined` where the path leaves it out. Without a name: all of them. */
export function Param(name?: string): ParameterDecorator {
  assertParentheses("@Param('name')", [name])
  return parameter('@Param', { from: 'path', name })
}

/** A query parameter, a list where it is repeated; `undefined` when absent. Without a name: all of them. */
export function Query(name?: string): ParameterDecorator {
  assertParentheses("@Query('name')", [name])
  return parameter('@Query', { from: 'query', name })
}

/** A request header, in any letter case; `undefined` when absent. */
export function Header(name: string): ParameterDecorator {
  assertParentheses("@Header('name')", [name])
  return parameter('@Header', { from: 'header', name: name.toLowerCase() })
}

/**
 * The parsed request body: JSON, a form or text. It is read after security has passed, never before.
 *
 * With a schema (any Standard Schema: zod, valibot, arktype …) the method receives what the schema makes of it,
 * and a body that doesn't conform is answered with 422 and the issues.
 *
 * @throws {TypeError} when the schema isn't one.
 */
export function Body(schema?: StandardSchema): ParameterDecorator {
  assertParentheses('@Body()', [schema], () => true)
  if (schema !== undefined && !isStandardSchema(schema)) throw new TypeError('@Body takes a Standard Schema')
  return parameter('@Body', { from: 'body', schema })
}

/** Koa's context. */
export function Context(): ParameterDecorator
export function Context(...given: readonly unknown[]): ParameterDecorator {
  assertParentheses('@Context()', given)
  return parameter('@Context', { from: 'context' })
}

function parameter(decorator: string, source: ParameterSource): ParameterDecorator {
  return (...place) => {
    assertDecoratorPlace(decorator, ['parameter'], place)
    const [prototype, key, position] = place as [object, string | symbol, number]
    parameterSources.write(
      (before = []) => {
        if (before[position] !== undefined)
          throw new TypeError(`${decorator}: the parameter has another source already`)
        const sources = [...before]
        sources[position] = source
        return sources
      },
      prototype,
      key,
    )
  }
}
