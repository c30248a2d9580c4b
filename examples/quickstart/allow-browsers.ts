import cors from '@koa/cors'
import { injectable } from 'inversify'
import type { KoaConfigurer } from 'inversify-koa-auth'
import type Koa from 'koa'

/**
 * Lets pages of one web site call the API.
 *
 * A browser asks first, with a preflight that never carries a token. It is answered here, before
 * routing, so it needs no exception from "secure by default".
 */
@injectable()
export class AllowBrowsers implements KoaConfigurer {
  configure(app: Koa): void {
    app.use(cors({ origin: 'https://app.example.com', allowMethods: 'GET,POST,PUT,DELETE' }))
  }
}
