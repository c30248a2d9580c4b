import { ContainerModule, type Newable, type ServiceIdentifier } from 'inversify'
import { AuthClientSettings } from '../config/auth-client-settings.js'
import { assertOptions } from '../config/options-object.js'
import { AuthConfigurationError } from '../errors/auth-configuration-error.js'
import { ControllerGroup, controllerGroup } from '../http/controller-group.js'
import { assertUnsettled } from '../http/settled-routes.js'
import { ApiDocumentation } from './api-documentation.js'
import { documentController, pageController } from './documentation-controllers.js'
import { documentation, type OpenApiOptions } from './openapi-options.js'
import { findSwaggerUi } from './swagger-ui.js'

const DOCUMENTATION: ServiceIdentifier<ApiDocumentation> = Symbol.for('inversify-koa-auth.ApiDocumentation')

/**
 * Serves an OpenAPI 3.1 document of every controller route, and a page to read it and to try it on.
 *
 * The document is at `/openapi.json`, the page (Swagger UI, from the optional package `swagger-ui-dist`) at `/docs`; both
 * are for anyone, unless `docs.public` is `false`. Load it beside `KoaModule` and `AuthModule`.
 *
 * @example
 * ```ts
 * import { Container } from 'inversify'
 * import { AuthModule, KoaModule, OpenApiModule } from 'inversify-koa-auth'
 *
 * const container = new Container()
 * container.load(
 *   new KoaModule(),
 *   new AuthModule({ issuer: 'https://idp.example.com', audience: 'tasks', env: {}, configFiles: [] }),
 *   new OpenApiModule({ title: 'Tasks', version: '1.0.0', docs: { clientId: 'tasks-docs' } }),
 * )
 * ```
 */
export class OpenApiModule extends ContainerModule {
  /** @throws {AuthConfigurationError} for mistakes in the options, and for a page without `swagger-ui-dist`. */
  constructor(options: OpenApiOptions) {
    assertOptions('OpenApiModule', options, "{ title: 'Tasks', version: '1.0.0' }")
    const settled = documentation(options)
    const controllers: readonly Newable<object, [ApiDocumentation]>[] = [
      documentController(settled),
      ...(settled.pagePath === undefined ? [] : [pageController(settled, findSwaggerUi())]),
    ]
    const group = controllerGroup(controllers as readonly Newable[])
    super(({ bind, isBound }) => {
      assertUnsettled(isBound, 'OpenApiModule')
      if (isBound(DOCUMENTATION)) {
        const message = 'is loaded already; one container has one OpenApiModule'
        throw new AuthConfigurationError([{ where: 'OpenApiModule', message }])
      }
      bind(DOCUMENTATION)
        .toDynamicValue((context) => {
          const groups = context.getAll(ControllerGroup).filter((each) => each !== group)
          const routes = groups.flatMap((each) => each.routes)
          return new ApiDocumentation(settled, routes, context.get(AuthClientSettings))
        })
        .inSingletonScope()
      for (const controller of controllers) {
        bind(controller)
          .toResolvedValue((served: ApiDocumentation) => new controller(served), [DOCUMENTATION])
          .inSingletonScope()
      }
      bind(ControllerGroup).toConstantValue(group)
    })
  }
}
