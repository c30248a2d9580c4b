import type { ParameterSources } from './parameter-decorators.js'
import { parameterNames } from './route-path.js'

/**
 * What is wrong with a method that reads path parameters which its paths don't have: they would always be `undefined`.
 *
 * @param paths of every route of the method; a parameter needs to be in one of them
 */
export function unknownParameters(sources: ParameterSources, paths: readonly string[]): readonly string[] {
  const known = new Set(paths.flatMap(parameterNames))
  const names = sources.flatMap((source) => (source?.from === 'path' ? (source.name ?? []) : []))
  const unknown = names.filter((name) => !known.has(name))
  return unknown.map(
    (name) => `reads @Param('${name}'), which is in no path of its: ${paths.map(described).join('; ')}`,
  )
}

function described(path: string): string {
  const names = parameterNames(path)
  return `${path} has ${names.length === 0 ? 'none' : names.join(', ')}`
}
