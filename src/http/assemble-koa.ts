import Router from '@koa/router'
import type { Newable, ResolutionContext } from 'inversify'
import type Koa from 'koa'
import { AuthClientSettings } from '../config/auth-client-settings.js'
import { type RouteDescription, RouteTable } from '../controllers/route-table.js'
import { AuthConfigurationError, type ConfigurationProblem } from '../errors/auth-configuration-error.js'
import { problemsBehind } from '../errors/problems-behind.js'
import { isAssembled } from './assemble-router.js'
import { Authenticator } from './authenticator.js'
import { byOrder } from './by-order.js'
import { fallThroughGuard } from './fall-through-guard.js'
import { KoaConfigurer } from './koa-configurer.js'
import { answerProblems } from './problem-responses.js'
import { serviceResolver } from './service-resolver.js'

/**
 * Builds the way of a request: problem responses, configurers, router, fall-through guard.
 *
 * Called by the container when the application is first asked for.
 *
 * @throws {AuthConfigurationError} when the container lacks something the controllers need.
 */
export function assembleKoa(context: ResolutionContext, app: Koa): Koa {
  const settings = context.get(AuthClientSettings, { optional: true })
  if (settings === undefined) {
    const message = 'needs AuthModule in the same container: without it nothing would be enforced'
    throw new AuthConfigurationError([{ where: 'KoaModule', message }])
  }
  const { routes } = context.get(RouteTable)
  const failures = resolutionFailures(context, routes)
  const problems = [...(settings.requireExplicit ? undeclared(routes) : []), ...distinct(failures.flatMap(problemsOf))]
  if (problems.length > 0) throw new AuthConfigurationError(problems, { cause: failures[0]?.error })

  const router = context.get<Router>(Router)
  if (!isAssembled(router)) {
    const message = 'was resolved before KoaModule was loaded, or bound after: its routes would be open. Bind it before'
    throw new AuthConfigurationError([{ where: 'Router', message }])
  }
  answerProblems(app, settings.errorDetail)
  for (const configurer of byOrder(context.getAll(KoaConfigurer, { optional: true }))) configurer.configure(app)
  app.use(router.routes() as unknown as Koa.Middleware)
  app.use(fallThroughGuard(router, context.get(Authenticator)))
  return app
}

function undeclared(routes: readonly RouteDescription[]): readonly ConfigurationProblem[] {
  const message =
    'says nothing about security while auth_client.require_explicit is true; @Authenticated() says the default'
  return routes
    .filter(({ explicit }) => !explicit)
    .map(({ controller, handler }) => ({ where: `${controller}.${handler}`, message }))
}

/** A controller that the container can't make. */
interface ResolutionFailure {
  readonly controller: Newable
  readonly error: unknown
}

/** Every controller is resolved once now, so that a missing dependency doesn't wait for the first request. */
function resolutionFailures(
  context: ResolutionContext,
  routes: readonly RouteDescription[],
): readonly ResolutionFailure[] {
  const controllers = new Set(routes.map(({ controllerClass }) => controllerClass))
  return [...controllers].flatMap((controller) => {
    try {
      serviceResolver(context, controller as Newable<object>).probe()
      return []
    } catch (error) {
      return [{ controller, error }]
    }
  })
}

/** What is behind a failure, such as a secured service's own problems. Where there is none, the failure itself. */
function problemsOf({ controller, error }: ResolutionFailure): readonly ConfigurationProblem[] {
  const problems = problemsBehind(error)
  if (problems.length > 0) return problems
  // Inversify goes on for several lines; the first one says what is missing.
  const [reason] = (error instanceof Error ? error.message : String(error)).split('\n')
  return [{ where: controller.name, message: `cannot be resolved: ${reason}` }]
}

/** What is wrong with a service shows at each controller that needs it. */
function distinct(problems: readonly ConfigurationProblem[]): readonly ConfigurationProblem[] {
  return [...new Map(problems.map((problem) => [`${problem.where}: ${problem.message}`, problem])).values()]
}
