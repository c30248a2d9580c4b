import type Koa from 'koa'
import type { ParameterSource, ParameterSources } from './parameter-decorators.js'
import { conformingBody, readBody } from './read-body.js'

/** Koa's context behind a router: it knows the path's parameters. */
export type RouteContext = Koa.Context & { readonly params: Readonly<Record<string, string>> }

/** Reads a method's arguments from a request. A promise only where a body has to be read. */
export type ParameterBinder = (ctx: RouteContext) => unknown[] | Promise<unknown[]>

/** Compiles a method's parameter sources, once per route, into the function that reads them. */
export function bindParameters(sources: ParameterSources, bodyLimitBytes: number): ParameterBinder {
  const readers = Array.from(sources, (source) => reader(source, bodyLimitBytes))
  const readAll = (ctx: RouteContext): unknown[] => {
    const values = new Array<unknown>(readers.length)
    for (let i = 0; i < values.length; i++) values[i] = (readers[i] as Reader)(ctx)
    return values
  }
  const hasBody = sources.some((source) => source?.from === 'body')
  return hasBody ? (ctx) => inOrder(readers, ctx) : readAll
}

type Reader = (ctx: RouteContext) => unknown

/** One after the other: two `@Body` parameters share one reading of the body. */
async function inOrder(readers: readonly Reader[], ctx: RouteContext): Promise<unknown[]> {
  const values: unknown[] = []
  for (const read of readers) values.push(await read(ctx))
  return values
}

function reader(source: ParameterSource | undefined, bodyLimitBytes: number): Reader {
  switch (source?.from) {
    case 'path':
      return member((ctx) => ctx.params, source.name)
    case 'query':
      return member((ctx) => ctx.query, source.name)
    case 'header':
      return member((ctx) => ctx.req.headers, source.name)
    case 'body':
      return body(source.schema, bodyLimitBytes)
    case 'context':
      return (ctx) => ctx
    default:
      return () => undefined
  }
}

/** One member, or without a name all of them. A name from a prototype, such as `constructor`, is no member. */
function member(all: (ctx: RouteContext) => object, name: string | undefined): Reader {
  if (name === undefined) return all
  return (ctx) => {
    const members = all(ctx)
    return Object.hasOwn(members, name) ? members[name as keyof typeof members] : undefined
  }
}

function body(schema: Extract<ParameterSource, { from: 'body' }>['schema'], limit: number): Reader {
  if (schema === undefined) return (ctx) => readBody(ctx, limit)
  return async (ctx) => conformingBody(await readBody(ctx, limit), schema)
}
