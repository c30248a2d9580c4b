import 'reflect-metadata'
import { Container } from 'inversify'
import { AuthModule, Controller, Get, KoaModule, RequiresRole } from 'inversify-koa-auth'

@Controller('/reports')
class ReportController {
  @Get('/:id')
  @RequiresRole('analyst')
  read() {
    return 'read'
  }
}

export const container = new Container()
container.load(
  new KoaModule({ controllers: [ReportController] }),
  new AuthModule({ issuer: 'https://idp.example.com', audience: 'reports', env: {} }),
)
