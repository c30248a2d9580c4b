import type { ServiceIdentifier } from 'inversify'
import type Koa from 'koa'

/** Adds to the application before routing: CORS, static files, documentation. Bind as many as needed. */
export interface KoaConfigurer {
  /** Lower comes first, further out; 0 when absent. */
  readonly order?: number
  configure(app: Koa): void
}

export const KoaConfigurer: ServiceIdentifier<KoaConfigurer> = Symbol.for('inversify-koa-auth.KoaConfigurer')
