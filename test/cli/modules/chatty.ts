import 'reflect-metadata'
import { Container } from 'inversify'
import { AuthModule, Controller, Get, KoaModule, RequiresRole } from 'inversify-koa-auth'

@Controller('/orders')
class OrderController {
  @Get()
  @RequiresRole('clerk')
  list() {}
}

console.log('loading')
setInterval(() => console.log('still here'), 1)

/** Takes its settings from the environment, talks on standard output, and does not stop by itself. */
export async function createContainer(): Promise<Container> {
  console.info('connecting')
  await new Promise((resolve) => setTimeout(resolve, 10))
  process.stdout.write('connected\n')
  const container = new Container()
  container.load(new KoaModule({ controllers: [OrderController] }), new AuthModule({ configFiles: [] }))
  return container
}
