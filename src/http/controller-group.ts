import type { Newable, ServiceIdentifier } from 'inversify'
import { unknownName } from '../config/unknown-name.js'
import { conflictingRoutes } from '../controllers/conflicting-routes.js'
import { type ControllerRoute, controllerRoutes } from '../controllers/controller-routes.js'
import { AuthConfigurationError, type ConfigurationProblem } from '../errors/auth-configuration-error.js'

const MEBIBYTE = 1024 * 1024

/** The controllers of one module. */
export interface ControllerGroup {
  readonly routes: readonly ControllerRoute[]
  readonly bodyLimitBytes: number
}

/** @internal One for each loaded module. */
export const ControllerGroup: ServiceIdentifier<ControllerGroup> = Symbol.for('inversify-koa-auth.ControllerGroup')

/**
 * The controllers of a module, checked and compiled.
 *
 * @param unknown options that nobody knows
 * @throws {AuthConfigurationError} naming every mistake in them.
 */
export function controllerGroup(
  controllers: readonly Newable[],
  bodyLimitBytes = MEBIBYTE,
  unknown: object = {},
): ControllerGroup {
  const problems: ConfigurationProblem[] = Object.keys(unknown).map((name) => ({
    where: `KoaModule ${name}`,
    message: unknownName('an option', name, ['controllers', 'bodyLimitBytes']),
  }))
  const classes = distinctClasses(controllers, problems)
  if (!Number.isSafeInteger(bodyLimitBytes) || bodyLimitBytes < 1) {
    problems.push({ where: 'KoaModule bodyLimitBytes', message: 'must be a whole number of bytes, at least 1' })
  }
  const routes = classes.flatMap((controller) => controllerRoutes(controller, problems))
  problems.push(...conflictingRoutes(routes.map(({ description }) => description)))
  if (problems.length > 0) throw new AuthConfigurationError(problems)
  return Object.freeze({ routes: Object.freeze(routes), bodyLimitBytes })
}

/** `undefined` where a class should be is what a circular import looks like. */
function distinctClasses(controllers: unknown, problems: ConfigurationProblem[]): readonly Newable[] {
  if (!Array.isArray(controllers)) {
    problems.push({ where: 'KoaModule controllers', message: 'must be a list of classes' })
    return []
  }
  return [...new Set<unknown>(controllers)].filter((controller, position): controller is Newable => {
    if (typeof controller === 'function' && controller.prototype !== undefined) return true
    const what = controller === undefined ? 'is undefined, as after a circular import' : 'is something else'
    problems.push({ where: `KoaModule controllers[${position}]`, message: `must be a class but ${what}` })
    return false
  })
}
