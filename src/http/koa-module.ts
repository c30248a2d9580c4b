import Router from '@koa/router'
import { ContainerModule, type Newable, type ResolutionContext } from 'inversify'
import Koa from 'koa'
import { assertOptions } from '../config/options-object.js'
import { conflictingRoutes } from '../controllers/conflicting-routes.js'
import { SHARED_PLAIN_ROUTES } from '../controllers/plain-route.js'
import { RouteTable, SHARED_ROUTE_TABLE } from '../controllers/route-table.js'
import { AuthConfigurationError } from '../errors/auth-configuration-error.js'
import { assembleKoa } from './assemble-koa.js'
import { assembleRouter } from './assemble-router.js'
import { bindControllers } from './bind-controllers.js'
import { ControllerGroup, controllerGroup } from './controller-group.js'
import { plainRoutes } from './plain-routes.js'
import { assertUnsettled, settled } from './settled-routes.js'
import { newRouter } from './unmatched-handlers.js'
import { refuseUnsecured } from './unsecured-services.js'

/** What a {@link KoaModule} brings into the application. */
export interface KoaModuleOptions {
  /** Classes with `@Controller`. Bound as singletons, unless the application has bound them. */
  readonly controllers?: readonly Newable[]
  /** The largest request body that these controllers read, in bytes. Default: 1 MiB. */
  readonly bodyLimitBytes?: number
}

/**
 * Binds controllers, the `Router` and `Koa` itself: `container.get(Koa)` is the application.
 *
 * Needs `AuthModule` in the same container. Several modules may be loaded, before the application is asked for; their
 * controllers make one application.
 */
export class KoaModule extends ContainerModule {
  /**
   * @throws {AuthConfigurationError} naming every mistake in the controllers, before anything is bound. What depends on
   * the container is checked when the module is loaded.
   */
  constructor(options: KoaModuleOptions = {}) {
    assertOptions('KoaModule', options, '{ controllers: [TaskController] }')
    const { controllers = [], bodyLimitBytes, ...unknown } = options
    const group = controllerGroup(controllers, bodyLimitBytes, unknown)
    super(({ bind, isBound, onActivation, unbind }) => {
      assertUnsettled(isBound, 'KoaModule')
      const unbound = controllers.filter((controller) => !isBound(controller))
      bindControllers(new Set(unbound), { bind, unbind })
      bind(ControllerGroup).toConstantValue(group)
      if (isBound(RouteTable)) return
      bind(RouteTable).toDynamicValue(routeTable).inSingletonScope()
      bind(SHARED_ROUTE_TABLE).toService(RouteTable)
      // Nobody can have added a route to a router that isn't there yet: it is not made for the question alone.
      let isRouterThere = isBound(Router)
      bind(SHARED_PLAIN_ROUTES)
        .toDynamicValue((context) => (isRouterThere ? plainRoutes(context.get<Router>(Router)) : []))
        .inTransientScope()
      if (!isBound(Router)) bind<Router>(Router).toDynamicValue(newRouter).inSingletonScope()
      if (!isBound(Koa))
        bind(Koa)
          .toDynamicValue(() => new Koa())
          .inSingletonScope()
      refuseUnsecured(onActivation)
      onActivation(Router, (context: ResolutionContext, router: Router) => {
        isRouterThere = true
        return assembleRouter(context, router)
      })
      onActivation(Koa, (context, app) => {
        refuseUnsecured(onActivation, context.getActivations)
        return app
      })
      onActivation(Koa, assembleKoa)
      for (const reader of [RouteTable, Router]) onActivation<unknown>(reader, settled(bind, isBound))
    })
  }
}

/** Within each module, conflicts have been looked for when it was made. */
function routeTable(context: ResolutionContext): RouteTable {
  const groups = context.getAll(ControllerGroup)
  const routes = groups.flatMap((group) => group.routes.map(({ description }) => description))
  const problems = groups.length > 1 ? conflictingRoutes(routes) : []
  if (problems.length > 0) throw new AuthConfigurationError(problems)
  return new RouteTable(Object.freeze(routes))
}
