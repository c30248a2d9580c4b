import 'reflect-metadata'
import { Container } from 'inversify'
import { AuthModule, type AuthModuleOptions, KoaConfigurer, KoaModule, OpenApiModule } from 'inversify-koa-auth'
import { AllowBrowsers } from './allow-browsers.js'
import { StatisticsController } from './statistics-controller.js'
import { TaskController } from './task-controller.js'
import { TaskService } from './task-service.js'

/** The page of the API documentation, where people sign in. */
export const DOCS_CLIENT_ID = 'quickstart-docs'

/**
 * The whole API: `container.get(Koa)` is the application.
 *
 * @throws {AuthConfigurationError} when `settings` don't say whose tokens to accept.
 */
export function createContainer(settings: AuthModuleOptions): Container {
  const container = new Container()
  container.bind(TaskService).toSelf().inSingletonScope()
  container.bind(KoaConfigurer).to(AllowBrowsers)
  container.load(
    new KoaModule({ controllers: [TaskController, StatisticsController] }),
    new AuthModule(settings),
    new OpenApiModule({ title: 'Tasks', version: '1.0.0', docs: { clientId: DOCS_CLIENT_ID, scopes: ['openid'] } }),
  )
  return container
}
