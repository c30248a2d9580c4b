import Router from '@koa/router'
import type { Newable } from 'inversify'
import { type CompiledRequirement, requirementCompiler } from '../authorization/compile-requirement.js'
import { declaredMembers } from '../authorization/declarations.js'
import { describeRequirement } from '../authorization/describe-requirement.js'
import { prototypeChain } from '../authorization/prototype-chain.js'
import type { ConfigurationProblem } from '../errors/auth-configuration-error.js'
import {
  controllerPrefix,
  declaredStatus,
  nearest,
  type RouteDeclaration,
  type RouteMethod,
  routeDeclarations,
} from './controller-metadata.js'
import { type ParameterSources, parameterSources } from './parameter-decorators.js'
import { joinPath } from './route-path.js'
import type { RouteDescription } from './route-table.js'
import { unknownParameters } from './unknown-parameters.js'

/** Paths that the router is sure to understand: names and whole parameters. It takes a while to answer. */
const PLAIN_PATH = /^(\/([\w.~-]+|:[A-Za-z_]\w*))+$/

/** A route with everything that compiling its stack takes. */
export interface ControllerRoute {
  readonly description: RouteDescription
  readonly handlerKey: string | symbol
  readonly parameters: ParameterSources
  readonly status: number | undefined
}

/** What the decorators on a controller and its methods say, inherited methods included. */
interface Declared {
  readonly controller: Newable
  readonly prefix: string
  readonly routes: ReadonlyMap<string | symbol, readonly RouteDeclaration[]>
  readonly parameters: ReadonlyMap<string | symbol, ParameterSources>
  readonly statuses: ReadonlyMap<string | symbol, number>
}

/** Reads a controller's routes from its decorators, and what is wrong with them into `problems`. */
export function controllerRoutes(controller: Newable, problems: ConfigurationProblem[]): readonly ControllerRoute[] {
  const prototype = controller.prototype as object
  const prefix = controllerPrefix.read(prototype)
  if (prefix === undefined) {
    problems.push({ where: controller.name, message: 'is not a controller: it has no @Controller of its own' })
    return []
  }
  const declared: Declared = {
    controller,
    prefix,
    routes: nearest(routeDeclarations, prototype),
    parameters: nearest(parameterSources, prototype),
    statuses: nearest(declaredStatus, prototype),
  }
  for (const key of unroutedMethods(prototype, declared)) {
    const message = 'has a security decorator but no route: add @Get or the like, or take the decorator away'
    problems.push({ where: `${controller.name}.${String(key)}`, message })
  }
  const compile = requirementCompiler(controller)
  const routes = routeMethods(prototype, declared).flatMap((key) => methodRoutes(declared, key, compile(key), problems))
  if (routes.length === 0) problems.push({ where: controller.name, message: 'has no routes: add @Get or the like' })
  return routes
}

function methodRoutes(
  { controller, prefix, routes, parameters: parametersOf, statuses }: Declared,
  handlerKey: string | symbol,
  compiled: CompiledRequirement,
  problems: ConfigurationProblem[],
): readonly ControllerRoute[] {
  const where = `${controller.name}.${String(handlerKey)}`
  for (const { place, message } of compiled.problems) {
    addOnce(problems, { where: place === 'class' ? controller.name : where, message })
  }
  const declarations = routes.get(handlerKey) as readonly RouteDeclaration[]
  const parameters = parametersOf.get(handlerKey) ?? []
  const paths = declarations.map(({ path }) => joinPath(prefix, path))
  for (const message of unknownParameters(parameters, paths)) problems.push({ where, message })
  return declarations.map(({ method }, position) => ({
    description: Object.freeze({
      method,
      path: checkedPath(paths[position] as string, method, where, problems),
      controller: controller.name,
      handler: String(handlerKey),
      controllerClass: controller,
      requirement: compiled.requirement,
      explicit: compiled.explicit,
      sentence: describeRequirement(compiled.requirement),
    }),
    handlerKey,
    parameters,
    status: statuses.get(handlerKey),
  }))
}

/** What is wrong with a class shows at each of its methods. */
function addOnce(problems: ConfigurationProblem[], problem: ConfigurationProblem): void {
  const isKnown = problems.some(({ where, message }) => where === problem.where && message === problem.message)
  if (!isKnown) problems.push(problem)
}

/** Methods with a route, inherited ones included, in the order they were written. */
function routeMethods(prototype: object, { routes }: Declared): readonly (string | symbol)[] {
  const keys = new Set(prototypeChain(prototype).flatMap((place) => Reflect.ownKeys(place)))
  return [...keys].filter((key) => routes.has(key))
}

function unroutedMethods(prototype: object, { routes }: Declared): readonly (string | symbol)[] {
  const secured = new Set(prototypeChain(prototype).flatMap((place) => declaredMembers(place)))
  return [...secured].filter((key) => !routes.has(key))
}

/** The router is asked whether it understands a path, so that nothing has been bound yet when it doesn't. */
function checkedPath(path: string, method: RouteMethod, where: string, problems: ConfigurationProblem[]): string {
  if (PLAIN_PATH.test(path)) return path
  try {
    new Router().register(path, [method], () => undefined)
  } catch (error) {
    problems.push({ where, message: `has a path the router does not understand: ${(error as Error).message}` })
  }
  return path
}
