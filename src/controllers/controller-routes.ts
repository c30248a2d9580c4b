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

/** Reads a controller's routes from its decorators, and what is wrong with them into `problems`. */
export function controllerRoutes(controller: Newable, problems: ConfigurationProblem[]): readonly ControllerRoute[] {
  const prototype = controller.prototype as object
  const prefix = controllerPrefix.read(prototype)
  if (prefix === undefined) {
    problems.push({ where: controller.name, message: 'is not a controller: it has no @Controller of its own' })
    return []
  }
  const methods = routeMethods(prototype)
  for (const key of unroutedMethods(prototype, methods)) {
    const message = 'has a security decorator but no route: add @Get or the like, or take the decorator away'
    problems.push({ where: `${controller.name}.${String(key)}`, message })
  }
  const compile = requirementCompiler(controller)
  const routes = methods.flatMap((key) => methodRoutes(controller, prefix, key, compile(key), problems))
  if (routes.length === 0) problems.push({ where: controller.name, message: 'has no routes: add @Get or the like' })
  return routes
}

function methodRoutes(
  controller: Newable,
  prefix: string,
  handlerKey: string | symbol,
  compiled: CompiledRequirement,
  problems: ConfigurationProblem[],
): readonly ControllerRoute[] {
  const prototype = controller.prototype as object
  const where = `${controller.name}.${String(handlerKey)}`
  for (const { place, message } of compiled.problems) {
    addOnce(problems, { where: place === 'class' ? controller.name : where, message })
  }
  const declarations = nearest(routeDeclarations, prototype, handlerKey) as readonly RouteDeclaration[]
  const parameters = nearest(parameterSources, prototype, handlerKey) ?? []
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
    status: nearest(declaredStatus, prototype, handlerKey),
  }))
}

/** What is wrong with a class shows at each of its methods. */
function addOnce(problems: ConfigurationProblem[], problem: ConfigurationProblem): void {
  const isKnown = problems.some(({ where, message }) => where === problem.where && message === problem.message)
  if (!isKnown) problems.push(problem)
}

/** Methods with a route, inherited ones included, in the order they were written. */
function routeMethods(prototype: object): readonly (string | symbol)[] {
  const keys = new Set(prototypeChain(prototype).flatMap((place) => Reflect.ownKeys(place)))
  return [...keys].filter((key) => nearest(routeDeclarations, prototype, key) !== undefined)
}

function unroutedMethods(prototype: object, routed: readonly (string | symbol)[]): readonly (string | symbol)[] {
  const secured = new Set(prototypeChain(prototype).flatMap((place) => declaredMembers(place)))
  return [...secured].filter((key) => !routed.includes(key))
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
