import type { ServiceIdentifier } from 'inversify'

/** The time of day in milliseconds since 1970, by which tokens are judged. */
export type Clock = () => number

/** @internal Bound to `Date.now`. */
export const Clock: ServiceIdentifier<Clock> = Symbol.for('inversify-koa-auth.Clock')
