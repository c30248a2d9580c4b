import 'reflect-metadata'
import { Container } from 'inversify'
import { AuthModule, type AuthModuleOptions, KoaConfigurer, KoaModule } from 'inversify-koa-auth'
import { AllowBrowsers } from './allow-browsers.js'
import { StatisticsController } from './statistics-controller.js'
import { TaskController } from './task-controller.js'
import { TaskService } from './task-service.js'

/**
 * The whole API: `container.get(Koa)` is the application.
 *
 * @throws {AuthConfigurationError} when `settings` don't say whose tokens to accept.
 */
export function createContainer(settings: AuthModuleOptions): Container {
  const container = new Container()
  container.bind(TaskService).toSelf().inSingletonScope()
  container.bind(KoaConfigurer).to(AllowBrowsers)
  container.load(new KoaModule({ controllers: [TaskController, StatisticsController] }), new AuthModule(settings))
  return container
}
