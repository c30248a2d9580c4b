import type { ServiceIdentifier } from 'inversify'
import type { Requirement } from '../authorization/requirement.js'

/** A route that the application has added to the container's router by hand, and what is certain of who may call it. */
export interface PlainRoute {
  /** `ALL` for every method. */
  readonly method: string
  /** The full path in @koa/router's notation, or the regular expression. */
  readonly path: string
  /** What guards it. Its own code may ask for more. */
  readonly requirement: Requirement
  /** The requirement in one line. */
  readonly sentence: string
}

/** @internal Those that are there at the moment, also for those who have another copy of this package. */
export const SHARED_PLAIN_ROUTES: ServiceIdentifier<readonly PlainRoute[]> = Symbol.for(
  'inversify-koa-auth.PlainRoutes',
)
