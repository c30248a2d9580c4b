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
  KoaModule,
  not,
  OptionalAuthentication,
  Post,
  policy,
  Requires,
  RequiresAgentScope,
  RequiresRole,
  RequiresScope,
  role,
  scope,
} from 'inversify-koa-auth'

class OpenHours {
  permits(): boolean {
    return true
  }
}

@Controller('/orders')
class OrderController {
  @Get() list() {}

  @Get('/health')
  @AllowAnonymous()
  health() {}

  @Get('/teaser')
  @OptionalAuthentication()
  teaser() {}

  @Post()
  @RequiresScope('orders:write')
  @RequiresRole('clerk', 'head of sales')
  create() {}

  @Delete('/:id')
  @Requires(anyOf(role('admin'), allOf(scope('orders:write'), group('ops'), not(policy(OpenHours)))))
  @RequiresAgentScope('orders:delete')
  remove() {}
}

/** Needs nothing from outside, as long as nobody asks for `Koa`. */
export async function createContainer(): Promise<Container> {
  const container = new Container()
  container.load(
    new KoaModule({ controllers: [OrderController] }),
    new AuthModule({ issuer: 'https://idp.test', audience: 'orders', env: {}, configFiles: [] }),
  )
  return container
}

export function unenforced(): Container {
  const container = new Container()
  container.load(
    new KoaModule({ controllers: [OrderController] }),
    new AuthModule({ enabled: false, env: {}, configFiles: [] }),
  )
  return container
}

export const empty = new Container()
export const text = 'no container'
export function misconfigured(): Container {
  const container = new Container()
  container.load(new AuthModule({ issuer: 'http://idp.test', audience: 'a', env: {}, configFiles: [] }))
  return container
}
