import 'reflect-metadata'
import { Container } from 'inversify'
import {
  AllowAnonymous,
  AuthModule,
  allOf,
  anyOf,
  Controller,
  Delete,
  Get,
  group,
  KeySource,
  KoaModule,
  not,
  OptionalAuthentication,
  Post,
  Put,
  permission,
  policy,
  Requires,
  RequiresAgentScope,
  RequiresRole,
  RequiresScope,
} from 'inversify-koa-auth'
import { kit } from '../../support/start-app.js'

class OpenHours {
  permits(): boolean {
    return true
  }
}

@Controller('/orders')
class OrderController {
  @Get('/health')
  @AllowAnonymous()
  health() {}

  @Get('/teaser')
  @OptionalAuthentication()
  teaser() {}

  @Get() list() {}

  @Get('/:id')
  @RequiresRole('clerk')
  @RequiresAgentScope('orders:read')
  read() {}

  @Post()
  @RequiresScope('orders:write')
  @RequiresRole('clerk')
  @Requires(policy(OpenHours))
  create() {}

  @Post('/night')
  @Requires(not(policy(OpenHours)))
  @RequiresAgentScope('night')
  atNight() {}

  @Put('/:id')
  @Requires(anyOf(allOf(group('staff'), permission('p')), not(group('ops'))))
  change() {}

  @Delete('/:id')
  @Requires(not(group('interns')))
  remove() {}
}

/** Accepts the kit's tokens; managers are clerks. */
export function createContainer(): Container {
  const container = new Container()
  container.bind(KeySource).toConstantValue(kit.keySource)
  container.load(
    new KoaModule({ controllers: [OrderController] }),
    new AuthModule({ ...kit.settings, roleHierarchy: { manager: ['clerk'] }, env: {}, configFiles: [] }),
  )
  return container
}
